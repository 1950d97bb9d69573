/* What a guest has beside its definition, put where libvirt finds it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "common/error.h"
#include "firstboot/restore-files.h"
#include "tests/unit/tree-files.h"

#define WEB "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a01"
#define STATE "/var/lib/libvirt/swtpm/" WEB

typedef struct
{
  char *root;
  LodgeSaved *guest;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer nvram)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *xml
      = g_strdup_printf ("<domain><name>web</name><uuid>" WEB "</uuid><os><nvram>%s</nvram></os>"
                         "</domain>",
                         (const char *)nvram);

  fixture->root = g_dir_make_tmp ("lodge-restore-files-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->guest = lodge_saved_parse (LODGE_SAVED_GUEST, xml, "web.xml", &error);
  g_assert_no_error (error);
  fixture->guest->store = g_build_filename (fixture->root, "saved", NULL);
  fixture->guest->directory = g_strdup ("guests/" WEB);
  put_file (fixture->guest->store, "guests/" WEB "/nvram", "variables");
}

static void
put_state (const Fixture *fixture)
{
  put_file (fixture->guest->store, "guests/" WEB "/tpm/tpm2/tpm2-00.permall", "of the TPM");
}

static void
tear_down (Fixture *fixture, gconstpointer nvram G_GNUC_UNUSED)
{
  remove_all (fixture->root);
  g_free (fixture->root);
  lodge_saved_free (fixture->guest);
}

static void
assert_state (const Fixture *fixture)
{
  g_autofree char *directory = g_strconcat (fixture->root, STATE, NULL);
  g_autofree char *path = g_build_filename (directory, "tpm2", "tpm2-00.permall", NULL);
  g_autofree char *text = NULL;
  GStatBuf status;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "of the TPM");
  g_assert_cmpint (g_stat (directory, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 07777, ==, 0711);
}

/* swtpm, which is not root, comes through to its state. */
static void
test_state (Fixture *fixture, gconstpointer nvram)
{
  g_autofree char *path = g_strconcat (fixture->root, nvram, NULL);
  g_autoptr (GError) error = NULL;

  put_state (fixture);
  g_assert_true (lodge_restore_files (fixture->root, fixture->guest, &error));
  g_assert_no_error (error);
  assert_state (fixture);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
}

/* Variables that belong elsewhere are refused; the TPM's state is in its place all the same. */
static void
test_elsewhere (Fixture *fixture, gconstpointer nvram G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  put_state (fixture);
  g_assert_false (lodge_restore_files (fixture->root, fixture->guest, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  g_assert_cmpstr (
      error->message, ==,
      "its UEFI variables belong at /srv/web.fd, which is not below /var/lib/libvirt/: "
      "put its file nvram there and define it by hand; what its TPM keeps (tpm) is at " STATE
      " already");
  assert_state (fixture);
}

static void
test_elsewhere_without_state (Fixture *fixture, gconstpointer nvram G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (lodge_restore_files (fixture->root, fixture->guest, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  g_assert_cmpstr (
      error->message, ==,
      "its UEFI variables belong at /srv/web.fd, which is not below /var/lib/libvirt/: "
      "put its file nvram there and define it by hand");
}

int
main (int argc, char **argv)
{
  static const char own[] = "/var/lib/libvirt/qemu/nvram/web.fd";
  static const char elsewhere[] = "/srv/web.fd";

  g_test_init (&argc, &argv, NULL);
  g_test_add ("/restore-files/state", Fixture, own, set_up, test_state, tear_down);
  g_test_add ("/restore-files/elsewhere", Fixture, elsewhere, set_up, test_elsewhere, tear_down);
  g_test_add ("/restore-files/elsewhere-without-state", Fixture, elsewhere, set_up,
              test_elsewhere_without_state, tear_down);
  return g_test_run ();
}
