/* template.conf: what inherits, what is refused and where, and the templates that Lodge ships.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tests/fixtures/templates: bad-NAME.conf says in its first line, behind "# ", with which message
 * it must be refused (its beginning, behind the file's name).
 */
#include "builder/template.h"
#include "common/error.h"
#include "tests/unit/fixture.h"

#include <string.h>

static void
assert_words (const GStrv list, const char *expected)
{
  g_autofree char *words = g_strjoinv (" ", list);

  g_assert_cmpstr (words, ==, expected);
}

static void
test_inherits (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *root = top_file ("tests/fixtures/templates");
  g_autoptr (LodgeTemplate) template = lodge_template_load (root, "inherits", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (template->name, ==, "inherits");
  g_assert_true (g_path_is_absolute (template->directory));
  g_assert_true (g_str_has_suffix (template->directory, "tests/fixtures/templates/inherits"));
  g_assert_cmpint (template->family, ==, LODGE_FAMILY_EL);
  /* The included file that is reached twice counts once, where it came first. */
  assert_words (template->install, "bash zsh dash fish");
  assert_words (template->build_depends, "gcc");
  assert_words (template->fingerprints, "04B54C3CDCA79751B16BC6B5225629DF75B188BD");
  g_assert_cmpstr (template->hostname, ==, "second");
  g_assert_cmpuint (template->size, ==, G_GUINT64_CONSTANT (2) << 30);
  /* Forgotten by an empty value; never given. */
  assert_words (template->enable, "");
  assert_words (template->suites, "");
  /* Each once; keys.gpg of an included file counts too. */
  g_assert_cmpuint (g_strv_length (template->directories), ==, 2);
  g_assert_true (g_str_has_suffix (template->directories[0], "templates/inherits/shared"));
  g_assert_true (g_str_has_suffix (template->directories[1], "templates/inherits"));
  g_assert_cmpuint (g_strv_length (template->files_directories), ==, 2);
  g_assert_true (g_str_has_suffix (template->files_directories[0], "inherits/shared/files"));
  g_assert_true (g_str_has_suffix (template->files_directories[1], "inherits/files"));
}

/* A name with a '/' is a path, to the directory or to the file. */
static void
test_path (void)
{
  static const char *const names[]
      = { "tests/fixtures/templates/inherits", "tests/fixtures/templates/inherits/template.conf",
          "tests/fixtures/templates/inherits/" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = top_file (names[i]);
      g_autofree char *path_or_dot = g_strdup_printf ("%s%s", *path == '/' ? "" : "./", path);
      g_autoptr (LodgeTemplate) template
          = lodge_template_load ("/nonexistent", path_or_dot, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (template->name, ==, "inherits");
    }
}

static void
test_unknown_name (void)
{
  static const char *const names[] = { "fedora", "", ".", "..", "../templates/inherits/none" };
  g_autofree char *root = top_file ("tests/fixtures/templates");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (lodge_template_load (root, names[i], &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
      g_assert_nonnull (strstr (error->message, names[i]));
      g_assert_true (g_str_has_suffix (error->message, "are: inherits"));
    }
}

static void
test_bad (gconstpointer data)
{
  const char *name = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = top_file ("tests/fixtures/templates");
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *text = lodge_file_read (path, 65536, NULL, &error);
  g_autofree char *expected = NULL;
  char *end;

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (text, "# "));
  end = strchr (text, '\n');
  *end = '\0';
  expected = g_strconcat (absolute, text + 2, NULL);
  g_assert_null (lodge_template_load ("/nonexistent", absolute, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  if (!g_str_has_prefix (error->message, expected))
    g_assert_cmpstr (error->message, ==, expected);
}

static void
test_minimal (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = top_file ("tests/fixtures/templates/good-minimal.conf");
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autoptr (LodgeTemplate) template = lodge_template_load ("/nonexistent", absolute, &error);

  g_assert_no_error (error);
  assert_words (template->install, "bash");
  g_assert_cmpstr (template->kernel_command_line, ==, "ro console=tty0");
}

/* What a file says of a unit replaces what its included file said. */
static void
test_services (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = top_file ("tests/fixtures/templates/good-services.conf");
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autoptr (LodgeTemplate) template = lodge_template_load ("/nonexistent", absolute, &error);

  g_assert_no_error (error);
  assert_words (template->enable, "NetworkManager.service apt-daily.timer cockpit.socket");
  assert_words (template->disable, "e2scrub_all.timer lodge-firstboot.service ssh.service");
  g_assert_true (lodge_template_disables (template, LODGE_FIRSTBOOT_UNIT));
  g_assert_false (lodge_template_disables (template, "apt-daily.timer"));
}

/* What every image must have, whichever template it is made from. */
static void
check_shipped (const char *root, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeTemplate) template = lodge_template_load (root, name, &error);
  static const char *const drivers[]
      = { "usb-storage", "uas", "nvme", "ahci", "virtio_blk", "vmw_pvscsi" };

  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (drivers); i++)
    g_assert_true (g_strv_contains ((const char *const *)template->initramfs_drivers, drivers[i]));
  g_assert_true (
      g_strv_contains ((const char *const *)template->enable, "lodge-firstboot.service"));
  g_assert_nonnull (strstr (template->kernel_command_line, "console=tty0 console=ttyS0,115200"));
  if (g_str_has_suffix (name, "-vmware"))
    g_assert_true (g_strv_contains ((const char *const *)template->install, "open-vm-tools"));
  else
    /* Sticks sold as 4 GB hold 3.7 GiB or more. */
    g_assert_cmpuint (template->size, <=, G_GUINT64_CONSTANT (3700) << 20);
  g_assert_cmpuint (g_strv_length (template->files_directories), >, 0);
}

static void
test_shipped (void)
{
  g_autofree char *root = top_file ("templates");
  g_autoptr (GDir) directory = g_dir_open (root, 0, NULL);
  const char *name;
  guint count = 0;

  g_assert_nonnull (directory);
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (root, name, "template.conf", NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        continue;
      check_shipped (root, name);
      count++;
    }
  g_assert_cmpuint (count, >, 0);
}

int
main (int argc, char **argv)
{
  g_autofree char *root = top_file ("tests/fixtures/templates");
  g_autoptr (GDir) directory = g_dir_open (root, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/template/minimal", test_minimal);
  g_test_add_func ("/template/services", test_services);
  g_test_add_func ("/template/inherits", test_inherits);
  g_test_add_func ("/template/path", test_path);
  g_test_add_func ("/template/unknown-name", test_unknown_name);
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_prefix (name, "bad-"))
      {
        g_autofree char *test = g_strconcat ("/template/", name, NULL);
        char *copy = g_strdup (name);

        g_ptr_array_add (names, copy);
        g_test_add_data_func (test, copy, test_bad);
      }
  g_assert_cmpuint (names->len, >=, 17);
  g_test_add_func ("/template/shipped", test_shipped);
  status = g_test_run ();
  return status;
}
