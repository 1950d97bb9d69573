/* Copies of a part of one sparse file into another.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/sparse-copy.h"
#include "common/error.h"
#include "tests/unit/fixture.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  MEBIBYTE = 1024 * 1024,
};

static int
make_sparse (const char *path, gboolean with_data)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (ftruncate (fd, 64 * MEBIBYTE), ==, 0);
  if (with_data)
    {
      g_assert_cmpint (pwrite (fd, "outside", 7, 1 * MEBIBYTE), ==, 7);
      g_assert_cmpint (pwrite (fd, "first", 5, 4 * MEBIBYTE), ==, 5);
      g_assert_cmpint (pwrite (fd, "inner", 5, 20 * MEBIBYTE + 3), ==, 5);
      g_assert_cmpint (pwrite (fd, "after", 5, 36 * MEBIBYTE), ==, 5);
    }
  return fd;
}

static void
assert_at (int fd, off_t offset, const char *text)
{
  char found[16] = "";

  g_assert_cmpint (pread (fd, found, strlen (text), offset), ==, (int)strlen (text));
  g_assert_cmpint (memcmp (found, text, strlen (text)), ==, 0);
}

static void
test_sparse (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *directory = make_directory ();
  g_autofree char *source_path = g_build_filename (directory, "source", NULL);
  g_autofree char *target_path = g_build_filename (directory, "target", NULL);
  int source = make_sparse (source_path, TRUE);
  int target = make_sparse (target_path, FALSE);
  struct stat status;

  /* [4 MiB, 36 MiB) to 2 MiB. */
  lodge_sparse_copy (source, "source", 4 * MEBIBYTE, target, "target", 2 * MEBIBYTE, 32 * MEBIBYTE,
                     NULL, &error);
  g_assert_no_error (error);
  assert_at (target, 2 * MEBIBYTE, "first");
  assert_at (target, 18 * MEBIBYTE + 3, "inner");
  assert_at (target, 34 * MEBIBYTE, "\0\0\0\0\0\0");
  g_assert_cmpint (fstat (target, &status), ==, 0);
  g_assert_cmpint (status.st_blocks * 512, <, 4 * MEBIBYTE);
  /* Its end is no hole. */
  g_assert_false (lodge_sparse_copy (source, "source", 60 * MEBIBYTE, target, "target", 0,
                                     4 * MEBIBYTE + 1, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "source is too short"));
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  g_assert_false (lodge_sparse_copy (source, "source", 0, target, "target", 0, 8 * MEBIBYTE,
                                     cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  close (source);
  close (target);
  remove_directory (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sparse-copy", test_sparse);
  return g_test_run ();
}
