/* Files in a tree that is not this machine's.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/tree.h"
#include "common/file.h"
#include "tests/unit/fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
test_tree (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = make_directory ();
  g_autofree char *tree = g_build_filename (directory, "tree", NULL);
  g_autofree char *outside = g_build_filename (directory, "outside", NULL);
  g_autofree char *etc = g_build_filename (tree, "etc", NULL);
  g_autofree char *link = g_build_filename (tree, "etc", "resolv.conf", NULL);
  g_autofree char *escape = g_build_filename (tree, "escape", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) names = NULL;

  g_assert_cmpint (g_mkdir_with_parents (etc, 0755), ==, 0);
  g_assert_true (g_file_set_contents (outside, "mine", -1, NULL));
  g_assert_cmpint (symlink (outside, link), ==, 0);
  g_assert_cmpint (symlink ("../../../../../..", escape), ==, 0);
  /* The link is replaced, not followed. */
  lodge_tree_write (tree, "etc/resolv.conf", "new", 0640, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (outside, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  g_clear_pointer (&text, g_free);
  text = lodge_tree_read (tree, "etc/resolv.conf", &error);
  g_assert_cmpstr (text, ==, "new");
  /* A link that leads out leads to the tree's own top. */
  lodge_tree_write (tree, "escape/etc/deep/er", "in", 0644, &error);
  g_assert_no_error (error);
  g_assert_true (lodge_tree_has (tree, "etc/deep/er"));
  g_assert_false (lodge_tree_has (tree, "etc/deep/none"));
  names = lodge_tree_list (tree, "etc", "re");
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  g_assert_cmpstr (names[0], ==, "resolv.conf");
  g_assert_null (lodge_tree_read (tree, "etc/none", &error));
  g_assert_nonnull (strstr (error->message, "/etc/none"));
  remove_directory (directory);
}

/* What is in an image is not the umask's of who builds it. */
static void
test_tree_umask (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = make_directory ();
  g_autofree char *made = g_build_filename (directory, "made", NULL);
  static const char *const directories[] = { "etc", "etc/kernel" };
  mode_t before = umask (077);
  GStatBuf status;

  lodge_tree_write (directory, "etc/kernel/cmdline", "x", 0644, &error);
  g_assert_no_error (error);
  lodge_file_make_directory (made, 0755, &error);
  g_assert_no_error (error);
  g_assert_false (lodge_file_make_directory (made, 0755, &error));
  g_assert_nonnull (strstr (error->message, made));
  umask (before);
  for (gsize i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *path = g_build_filename (directory, directories[i], NULL);

      g_assert_cmpint (g_stat (path, &status), ==, 0);
      g_assert_cmpint (status.st_mode & 07777, ==, 0755);
    }
  g_assert_cmpint (g_stat (made, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0755);
  remove_directory (directory);
}

static void
test_tree_copy (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = make_directory ();
  g_autofree char *source = g_build_filename (directory, "source", NULL);
  g_autofree char *tree = g_build_filename (directory, "tree", NULL);
  g_autofree char *program = g_build_filename (source, "etc", "kernel", "run", NULL);
  g_autofree char *other = g_build_filename (source, "etc", "motd", NULL);
  g_autofree char *link = g_build_filename (source, "etc", "kernel", "link", NULL);
  g_autofree char *copy = g_build_filename (tree, "etc", "kernel", "run", NULL);
  g_autofree char *copied_link = g_build_filename (tree, "etc", "kernel", "link", NULL);
  const char *const prefixes[] = { "etc/kernel/", NULL };
  GStatBuf status;

  g_assert_true (lodge_file_replace (program, "x", -1, 0700, NULL));
  g_assert_true (lodge_file_replace (other, "y", -1, 0644, NULL));
  g_assert_cmpint (symlink ("run", link), ==, 0);
  g_assert_cmpint (g_mkdir (tree, 0755), ==, 0);
  lodge_tree_copy (tree, source, prefixes, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (copy, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0755);
  g_assert_true (g_file_test (copied_link, G_FILE_TEST_IS_SYMLINK));
  g_assert_false (lodge_tree_has (tree, "etc/motd"));
  remove_directory (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* All of it goes through openat2(2), which valgrind does not know. */
  if (g_getenv ("LODGE_VALGRIND") != NULL)
    return g_test_run ();
  g_test_add_func ("/tree", test_tree);
  g_test_add_func ("/tree/umask", test_tree_umask);
  g_test_add_func ("/tree/copy", test_tree_copy);
  return g_test_run ();
}
