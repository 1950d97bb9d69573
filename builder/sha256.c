/* SHA-256.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/sha256.h"

#include <openssl/evp.h>

#include "common/error.h"

static gboolean
set_error (GError **error)
{
  return lodge_error_set (error, LODGE_ERROR_FAILED, "OpenSSL cannot compute SHA-256");
}

LodgeSha256 *
lodge_sha256_new (GError **error)
{
  g_autoptr (LodgeSha256) sum = EVP_MD_CTX_new ();

  if (sum != NULL && EVP_DigestInit_ex (sum, EVP_sha256 (), NULL) == 1)
    return g_steal_pointer (&sum);
  set_error (error);
  return NULL;
}

gboolean
lodge_sha256_add (LodgeSha256 *sum, const void *data, gsize length, GError **error)
{
  return EVP_DigestUpdate (sum, data, length) == 1 || set_error (error);
}

gboolean
lodge_sha256_finish (LodgeSha256 *sum, char text[LODGE_SHA256_DIGITS + 1], GError **error)
{
  guint8 digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;

  if (EVP_DigestFinal_ex (sum, digest, &length) != 1
      || EVP_DigestInit_ex (sum, EVP_sha256 (), NULL) != 1 || 2 * length != LODGE_SHA256_DIGITS)
    return set_error (error);
  for (unsigned i = 0; i < length; i++)
    g_snprintf (text + 2 * i, 3, "%02x", digest[i]);
  return TRUE;
}

void
lodge_sha256_free (LodgeSha256 *sum)
{
  EVP_MD_CTX_free (sum);
}
