/* Boot loader entries get the host's machine id, and GRUB's saved choice follows.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/boot-entries.h"

#include <glib/gstdio.h>
#include <string.h>

#include "common/error.h"
#include "common/file.h"

#define IMAGE "e773a3002e4f5867818ca472eac9593d"
#define HOST "0123456789abcdef0123456789abcdef"
#define SIGNATURE "# GRUB Environment Block\n"

typedef struct
{
  char *root;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  (void)data;
  fixture->root = g_dir_make_tmp ("lodge-boot-entries-XXXXXX", NULL);
  g_assert_nonnull (fixture->root);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  remove_tree (fixture->root);
  g_free (fixture->root);
}

static void
put (const Fixture *fixture, const char *path, const char *text)
{
  g_autofree char *full = g_build_filename (fixture->root, path, NULL);
  g_autoptr (GError) error = NULL;

  lodge_file_replace (full, text, -1, 0644, &error);
  g_assert_no_error (error);
}

/* The file's text, or NULL when it is not there. */
static char *
get (const Fixture *fixture, const char *path)
{
  g_autofree char *full = g_build_filename (fixture->root, path, NULL);
  char *text = NULL;

  g_file_get_contents (full, &text, NULL, NULL);
  return text;
}

static void
assert_text (const Fixture *fixture, const char *path, const char *wanted)
{
  g_autofree char *text = get (fixture, path);

  g_assert_cmpstr (text, ==, wanted);
}

static void
adopt (const Fixture *fixture, guint wanted)
{
  g_autoptr (GError) error = NULL;
  guint renamed = 99;

  lodge_boot_entries_adopt (fixture->root, &renamed, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (renamed, ==, wanted);
}

/* An environment block of 1024 bytes. */
static char *
block (const char *text)
{
  GString *result = g_string_new (SIGNATURE);

  g_string_append (result, text);
  while (result->len < 1024)
    g_string_append_c (result, '#');
  return g_string_free (result, FALSE);
}

static void
test_renames (Fixture *fixture, gconstpointer data)
{
  g_autofree char *before = block ("saved_entry=" IMAGE "-6.1\nnext_entry=" IMAGE "-5.14\n");
  g_autofree char *after = block ("saved_entry=" HOST "-6.1\nnext_entry=" HOST "-5.14\n");

  (void)data;
  put (fixture, "etc/machine-id", HOST "\n");
  put (fixture, "boot/loader/entries/" IMAGE "-6.1.conf", "new");
  put (fixture, "boot/loader/entries/" IMAGE "-5.14.conf", "old");
  put (fixture, "boot/loader/entries/windows.conf", "other");
  put (fixture, "boot/grub2/grubenv", before);
  adopt (fixture, 2);
  assert_text (fixture, "boot/loader/entries/" HOST "-6.1.conf", "new");
  assert_text (fixture, "boot/loader/entries/" HOST "-5.14.conf", "old");
  assert_text (fixture, "boot/loader/entries/windows.conf", "other");
  assert_text (fixture, "boot/loader/entries/" IMAGE "-6.1.conf", NULL);
  assert_text (fixture, "boot/grub2/grubenv", after);
  adopt (fixture, 0);
}

/* What the host has of its own stays, and what GRUB would start is not another kernel. */
static void
test_keeps_own (Fixture *fixture, gconstpointer data)
{
  g_autofree char *environment = block ("saved_entry=" IMAGE "-6.10\n");

  (void)data;
  put (fixture, "etc/machine-id", HOST "\n");
  put (fixture, "boot/loader/entries/" HOST "-6.1.conf", "own");
  put (fixture, "boot/loader/entries/" IMAGE "-6.1.conf", "image's");
  put (fixture, "boot/loader/entries/" IMAGE "-6.2.conf", "image's");
  put (fixture, "boot/grub2/grubenv", environment);
  adopt (fixture, 1);
  assert_text (fixture, "boot/loader/entries/" HOST "-6.1.conf", "own");
  assert_text (fixture, "boot/loader/entries/" IMAGE "-6.1.conf", "image's");
  assert_text (fixture, "boot/grub2/grubenv", environment);
}

static void
test_nothing_to_do (Fixture *fixture, gconstpointer data)
{
  (void)data;
  adopt (fixture, 0);
  put (fixture, "etc/machine-id", HOST "\n");
  put (fixture, "boot/loader/entries/" HOST "-6.1.conf", "own");
  adopt (fixture, 0);
}

/* Entries would be named after nobody. */
static void
test_no_id (Fixture *fixture, gconstpointer data)
{
  static const char *const ids[] = { "", "uninitialized\n", "0123\n", HOST "0\n" };

  (void)data;
  put (fixture, "boot/loader/entries/" IMAGE "-6.1.conf", "text");
  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (GError) error = NULL;
      guint renamed;

      put (fixture, "etc/machine-id", ids[i]);
      g_assert_false (lodge_boot_entries_adopt (fixture->root, &renamed, &error));
      g_assert_nonnull (strstr (error->message, "has no machine id"));
    }
  assert_text (fixture, "boot/loader/entries/" IMAGE "-6.1.conf", "text");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/boot-entries/renames", Fixture, NULL, set_up, test_renames, tear_down);
  g_test_add ("/boot-entries/keeps-own", Fixture, NULL, set_up, test_keeps_own, tear_down);
  g_test_add ("/boot-entries/nothing-to-do", Fixture, NULL, set_up, test_nothing_to_do, tear_down);
  g_test_add ("/boot-entries/no-id", Fixture, NULL, set_up, test_no_id, tear_down);
  return g_test_run ();
}
