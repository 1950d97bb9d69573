/* A journal that was written to, and is as new: with e2fsprogs' own programs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/disk-journal.h"
#include "common/error.h"
#include "common/run.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* SCRIPT in DIRECTORY; what it prints. */
static char *
run (const char *directory, const char *script)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *command
      = g_strdup_printf ("cd %s; PATH=$PATH:/usr/sbin:/sbin; %s", directory, script);
  const char *argv[] = { "sh", "-ec", command, NULL };
  char *output = lodge_run (argv, NULL, NULL, &error);

  g_assert_no_error (error);
  return output;
}

static void
test_renew (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("lodge-journal-XXXXXX", NULL);
  g_autofree char *image = g_build_filename (directory, "image", NULL);
  struct stat before;
  struct stat after;

  g_free (run (directory, "truncate -s 60M image; mke2fs -q -F -t ext4 -b 4096 image 2>&1;"
                          "debugfs -R 'dump <8> new' image 2>&1"));
  g_assert_cmpint (stat (image, &before), ==, 0);

  /* Two changes that are in the journal only: they would be lost. */
  g_free (run (directory, "head -c 8192 /dev/urandom >data;"
                          "printf 'jo\\njw -b 9000,9001 data\\njc\\n' | debugfs -w image 2>&1"));
  g_assert_false (lodge_disk_journal_renew (image, 0, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "left changes in the journal"));
  g_clear_error (&error);

  /* They are replayed, and stand in it still. */
  g_free (run (directory, "e2fsck -fy image || [ $? -lt 4 ]; debugfs -R 'dump <8> used' image 2>&1;"
                          "! cmp -s new used"));
  lodge_disk_journal_renew (image, 0, &error);
  g_assert_no_error (error);
  g_free (run (directory, "debugfs -R 'dump <8> renewed' image 2>&1; cmp new renewed;"
                          "e2fsck -fn image; dd if=image bs=4096 skip=9000 count=2 | cmp - data"));
  g_assert_cmpint (stat (image, &after), ==, 0);
  /* 8: the two blocks that were replayed, in sectors each. */
  g_assert_cmpint (after.st_blocks, <=, before.st_blocks + 2 * 8);
  g_free (run (directory, "rm image data new used renewed"));
  g_assert_cmpint (rmdir (directory), ==, 0);
}

static void
test_no_file_system (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (lodge_disk_journal_renew ("/dev/null", 0, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/disk-journal/renew", test_renew);
  g_test_add_func ("/disk-journal/no-file-system", test_no_file_system);
  return g_test_run ();
}
