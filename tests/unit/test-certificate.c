/* The public key in a certificate, beside what openssl finds there.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/certificate.h"
#include "tests/unit/web-server.h"

/* The DER that is in base64 in the PEM block of TEXT. */
static guint8 *
decode (const char *text, gsize *length)
{
  g_autofree char *base64 = g_strdup (strchr (strstr (text, "-----BEGIN"), '\n'));

  *strstr (base64, "-----END") = '\0';
  return g_base64_decode (base64, length);
}

/* The keys of both kinds that servers have, whose certificates have lengths of one to three bytes;
 * and what is cut off or changed is no certificate, or another one, and no fault. */
static void
test_pin (Fixture *fixture, gconstpointer data)
{
  static const char *const keys[] = { "rsa:2048", "rsa:4096", "ec" };
  g_autofree char *openssl = g_find_program_in_path ("openssl");
  g_autofree char *pem = g_build_filename (fixture->root, "server.pem", NULL);

  (void)data;
  if (openssl == NULL)
    {
      g_test_skip ("needs openssl");
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *option = strcmp (keys[i], "ec") == 0 ? "ec_paramgen_curve:prime256v1"
                                                       : "rsa_keygen_pubexp:65537";
      g_autoptr (GError) error = NULL;
      g_autofree char *made = lodge_run_list (&error, "openssl", "req", "-x509", "-newkey", keys[i],
                                              "-pkeyopt", option, "-nodes", "-subj", "/CN=a.test",
                                              "-days", "2", "-keyout", pem, "-out", pem, NULL);
      g_autofree char *text = lodge_run_list (&error, "openssl", "x509", "-in", pem, NULL);
      g_autofree char *key
          = lodge_run_list (&error, "openssl", "x509", "-in", pem, "-noout", "-pubkey", NULL);
      gsize length;
      gsize key_length;
      gsize digest_length;
      g_autofree guint8 *der = NULL;
      g_autofree guint8 *key_der = NULL;
      g_autofree char *pin = NULL;
      g_autofree char *sum = NULL;
      g_autofree char *got = NULL;
      g_autofree guchar *digest = NULL;

      g_assert_no_error (error);
      der = decode (text, &length);
      key_der = decode (key, &key_length);
      pin = lodge_certificate_key_pin (der, length);
      g_assert_true (g_str_has_prefix (pin, "sha256//"));
      digest = g_base64_decode (pin + strlen ("sha256//"), &digest_length);
      g_assert_cmpuint (digest_length, ==, 32);
      sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, key_der, key_length);
      got = g_malloc0 (65);
      for (gsize j = 0; j < 32; j++)
        g_snprintf (got + 2 * j, 3, "%02x", digest[j]);
      g_assert_cmpstr (got, ==, sum);
      for (gsize j = 0; j < length; j++)
        {
          g_autofree guint8 *part = g_memdup2 (der, j);
          g_autofree char *none = lodge_certificate_key_pin (part, j);
          g_autofree char *other = NULL;

          g_assert_null (none);
          der[j] ^= 0xff;
          other = lodge_certificate_key_pin (der, length);
          der[j] ^= 0xff;
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/certificate/pin", Fixture, NULL, set_up, test_pin, tear_down);
  return g_test_run ();
}
