/* What builds and cached results are named after: everything that they are made from.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/hash-inputs.h"
#include "tests/unit/fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* A file NAME with TEXT below DIRECTORY. */
static void
put (const char *directory, const char *name, const char *text, int mode)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (directory, name, NULL);

  lodge_file_replace (path, text, -1, mode, &error);
  g_assert_no_error (error);
}

static char *
hash_tree (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  lodge_hash_add_tree (checksum, path, &error);
  g_assert_no_error (error);
  return g_strdup (g_checksum_get_string (checksum));
}

/* Names, contents, the executable bit and links count; another place does not. */
static void
test_tree (void)
{
  g_autofree char *directory = make_directory ();
  g_autofree char *other = g_build_filename (directory, "other", NULL);
  g_autofree char *tree = g_build_filename (directory, "tree", NULL);
  g_autofree char *link = g_build_filename (tree, "link", NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  put (tree, "etc/file", "text", 0644);
  put (other, "etc/file", "text", 0600);
  first = hash_tree (tree);
  second = hash_tree (other);
  g_assert_cmpstr (first, ==, second);
  put (tree, "etc/file", "texT", 0644);
  g_free (second);
  second = hash_tree (tree);
  g_assert_cmpstr (first, !=, second);
  put (tree, "etc/file", "text", 0755);
  g_free (second);
  second = hash_tree (tree);
  g_assert_cmpstr (first, !=, second);
  put (tree, "etc/file", "text", 0644);
  g_assert_cmpint (symlink ("etc/file", link), ==, 0);
  g_free (second);
  second = hash_tree (tree);
  g_assert_cmpstr (first, !=, second);
  remove_directory (directory);
}

/* A directory "files" that is a link to a shared one: what is behind it counts. */
static void
test_linked_tree (void)
{
  static const char *const prefixes[] = { "etc/", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = make_directory ();
  g_autofree char *tree = g_build_filename (directory, "shared", NULL);
  g_autofree char *link = g_build_filename (directory, "files", NULL);
  g_autoptr (GChecksum) empty = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GChecksum) part = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *direct = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  put (tree, "etc/file", "before", 0644);
  g_assert_cmpint (symlink ("shared", link), ==, 0);
  direct = hash_tree (tree);
  before = hash_tree (link);
  g_assert_cmpstr (direct, ==, before);
  put (tree, "etc/file", "after", 0644);
  after = hash_tree (link);
  g_assert_cmpstr (before, !=, after);
  lodge_hash_add_part (part, link, prefixes, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_checksum_get_string (part), !=, g_checksum_get_string (empty));
  remove_directory (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hash-inputs/tree", test_tree);
  g_test_add_func ("/hash-inputs/linked-tree", test_linked_tree);
  return g_test_run ();
}
