/* Removing a tree, also one that somebody changes meanwhile.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/remove.h"
#include "common/error.h"
#include "tests/unit/fixture.h"
#include "tests/unit/valgrind.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
write_file (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* A link is removed, never what it leads to; what may not be written to is emptied all the same. */
static void
test_remove (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = make_directory ();
  g_autofree char *outside = g_build_filename (directory, "outside", NULL);
  g_autofree char *tree = g_build_filename (directory, "tree", NULL);
  g_autofree char *inner = g_build_filename (tree, "inner", NULL);
  g_autofree char *link = g_build_filename (inner, "link", NULL);

  write_file (outside, "x");
  g_assert_cmpint (g_mkdir_with_parents (inner, 0700), ==, 0);
  g_assert_cmpint (symlink (directory, link), ==, 0);
  g_assert_cmpint (g_chmod (inner, 0500), ==, 0);
  g_assert_true (lodge_remove_tree (tree, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (outside, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (tree, G_FILE_TEST_EXISTS));
  g_assert_true (lodge_remove_tree (tree, &error));
  g_assert_no_error (error);
  g_assert_false (lodge_remove_tree ("/proc/self/status", &error));
  g_assert_nonnull (strstr (error->message, "/proc/self/status"));
  remove_directory (directory);
}

/* Makes files in DATA until the directory is gone. */
static gpointer
disturb (gpointer data)
{
  gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC / 4;

  for (guint i = 0; g_get_monotonic_time () < end; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%u", (const char *)data, i);
      FILE *file = fopen (path, "w");

      if (file != NULL)
        fclose (file);
    }
  return NULL;
}

/* Somebody writes into it still, and ends soon. */
static void
test_remove_busy (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = make_directory ();
  g_autofree char *tree = g_build_filename (directory, "tree", NULL);
  GThread *thread;

  g_assert_cmpint (g_mkdir (tree, 0700), ==, 0);
  thread = g_thread_new ("disturb", disturb, tree);
  g_assert_true (lodge_remove_tree (tree, &error));
  g_assert_no_error (error);
  g_thread_join (thread);
  remove_directory (directory);
}

/* Deeper than a path may be long, and than there are descriptors. */
static void
test_remove_deep (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = make_directory ();
  g_autofree char *tree = g_build_filename (directory, "tree", NULL);
  int fd;

  g_assert_cmpint (g_mkdir (tree, 0700), ==, 0);
  fd = open (tree, O_PATH | O_CLOEXEC);
  for (guint i = 0; i < 3000; i++)
    {
      int below;

      g_assert_cmpint (mkdirat (fd, "d", 0700), ==, 0);
      below = openat (fd, "d", O_PATH | O_CLOEXEC);
      g_assert_cmpint (below, >=, 0);
      close (fd);
      fd = below;
    }
  close (fd);
  g_assert_true (lodge_remove_tree (tree, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (tree, G_FILE_TEST_EXISTS));
  remove_directory (directory);
}

typedef struct
{
  char *directory; /* in the tree that is removed */
  char *link;      /* to a directory outside it */
  gint end;
} Swap;

/* Puts the link in the place of the directory and back, all the time. */
static gpointer
swap (gpointer data)
{
  Swap *names = data;

  while (!g_atomic_int_get (&names->end))
    if (renameat2 (AT_FDCWD, names->directory, AT_FDCWD, names->link, RENAME_EXCHANGE) != 0)
      g_thread_yield ();
  return NULL;
}

/* Whoever can write in the tree cannot lead the removal out of it. */
static void
test_remove_race (void)
{
  g_autofree char *directory = make_directory ();
  g_autofree char *outside = g_build_filename (directory, "outside", NULL);
  g_autofree char *tree = g_build_filename (directory, "tree", NULL);
  Swap names = { .directory = g_build_filename (tree, "a", NULL),
                 .link = g_build_filename (directory, "link", NULL) };
  GThread *thread;

  g_assert_cmpint (g_mkdir (outside, 0700), ==, 0);
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%u", outside, i);

      write_file (name, "precious");
    }
  thread = g_thread_new ("swap", swap, &names);
  for (guint round = 0; round < 20; round++)
    {
      g_assert_cmpint (g_mkdir_with_parents (names.directory, 0700), ==, 0);
      for (guint i = 0; i < 200; i++)
        {
          g_autofree char *name = g_strdup_printf ("%s/%u", names.directory, i);
          int fd = open (name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

          g_assert_cmpint (fd, >=, 0);
          close (fd);
        }
      g_assert_cmpint (symlink (outside, names.link), ==, 0);
      /* It may fail: what is swapped is in the tree no more, or is a link. */
      lodge_remove_tree (tree, NULL);
      g_assert_cmpuint (count_entries (outside), ==, 200);
      while (!lodge_remove_tree (tree, NULL) || !lodge_remove_tree (names.link, NULL))
        g_assert_cmpuint (count_entries (outside), ==, 200);
    }
  g_atomic_int_set (&names.end, 1);
  g_thread_join (thread);
  g_free (names.directory);
  g_free (names.link);
  remove_directory (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remove/tree", test_remove);
  g_test_add_func ("/remove/busy", test_remove_busy);
  g_test_add_func ("/remove/deep", test_remove_deep);
  g_test_add_func ("/remove/race", test_remove_race);
  return g_test_run ();
}
