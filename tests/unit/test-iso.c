/* ISO images whose files have several names.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/iso.h"
#include "tests/unit/fixture.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#define CONTENT "the content"

/* LINK: the path that has the content, or NULL. */
static void
add_file (struct archive *archive, const char *path, const char *link)
{
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname (entry, path);
  archive_entry_set_mode (entry, S_IFREG | 0644);
  archive_entry_set_nlink (entry, 2);
  if (link != NULL)
    archive_entry_set_hardlink (entry, link);
  else
    archive_entry_set_size (entry, strlen (CONTENT));
  g_assert_cmpint (archive_write_header (archive, entry), ==, ARCHIVE_OK);
  if (link == NULL)
    g_assert_cmpint (archive_write_data (archive, CONTENT, strlen (CONTENT)), ==, strlen (CONTENT));
  archive_entry_free (entry);
}

static char *
make_iso (const char *directory)
{
  char *path = g_build_filename (directory, "dvd.iso", NULL);
  struct archive *archive = archive_write_new ();

  archive_write_set_format_iso9660 (archive);
  g_assert_cmpint (archive_write_open_filename (archive, path), ==, ARCHIVE_OK);
  add_file (archive, "Packages/a.rpm", NULL);
  add_file (archive, "Packages/b.rpm", "Packages/a.rpm");
  add_file (archive, "Packages/c.rpm", "Packages/a.rpm");
  add_file (archive, "Packages/d.rpm", NULL);
  g_assert_cmpint (archive_write_close (archive), ==, ARCHIVE_OK);
  archive_write_free (archive);
  return path;
}

/* NAMES are those to copy: all of one content, whichever of them libarchive takes for the file. */
static void
test_links (gconstpointer names)
{
  g_auto (GStrv) wanted = g_strsplit (names, " ", -1);
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = make_directory ();
  g_autofree char *iso = make_iso (directory);
  g_autoptr (GHashTable) targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (char **name = wanted; *name != NULL; name++)
    g_hash_table_insert (targets, g_build_filename ("Packages", *name, NULL),
                         g_build_filename (directory, *name, NULL));
  lodge_iso_copy (iso, targets, NULL, &error);
  g_assert_no_error (error);
  for (char **name = wanted; *name != NULL; name++)
    {
      g_autofree char *path = g_build_filename (directory, *name, NULL);
      g_autofree char *text = lodge_file_read (path, 1024, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, CONTENT);
    }
  remove_directory (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/iso/links/all", "a.rpm b.rpm c.rpm d.rpm", test_links);
  g_test_add_data_func ("/iso/links/first", "a.rpm d.rpm", test_links);
  g_test_add_data_func ("/iso/links/second", "b.rpm", test_links);
  g_test_add_data_func ("/iso/links/others", "b.rpm c.rpm", test_links);
  return g_test_run ();
}
