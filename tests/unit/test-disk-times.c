/* Times in finished file systems, on real ones made by mke2fs, debugfs, mkfs.fat and mtools.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/disk-times.h"
#include "builder/paths.h"
#include "common/run.h"
#include "tests/unit/fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EPOCH 1600000000
#define OFFSET (1024 * 1024)
#define OFFSET_TEXT "1048576"

enum
{
  SIZE = 64 * 1024 * 1024,
  FILES = 600, /* in one directory: more than a block of names */
};

/* Runs PROGRAM with WORDS; returns what it printed. */
static char *
run (const char *input, const char *program, ...)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = lodge_paths_program (program);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  va_list words;
  char *output;

  g_assert_nonnull (path);
  g_ptr_array_add (argv, path);
  va_start (words, program);
  do
    g_ptr_array_add (argv, va_arg (words, char *));
  while (g_ptr_array_index (argv, argv->len - 1) != NULL);
  va_end (words);
  output = lodge_run ((const char *const *)argv->pdata, input, NULL, &error);
  g_assert_no_error (error);
  return output;
}
#define RUN(...) g_free (run (NULL, __VA_ARGS__, NULL))
#define RUN_WITH(input, ...) g_free (run (input, __VA_ARGS__, NULL))

static gboolean
lacks (const char *const *programs)
{
  for (; *programs != NULL; programs++)
    {
      g_autofree char *path = lodge_paths_program (*programs);

      if (path == NULL)
        {
          g_autofree char *reason = g_strconcat (*programs, " is not installed", NULL);

          g_test_skip (reason);
          return TRUE;
        }
    }
  return FALSE;
}

static void
make_blank (const char *path)
{
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_cmpint (truncate (path, SIZE), ==, 0);
}

static void
set_time (const char *path, gint64 seconds)
{
  struct timespec times[2]
      = { { .tv_sec = seconds, .tv_nsec = 123 }, { .tv_sec = seconds, .tv_nsec = 456 } };

  g_assert_cmpint (utimensat (AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), ==, 0);
}

static void
assert_same (const char *first, const char *second)
{
  g_autoptr (GMappedFile) one = g_mapped_file_new (first, FALSE, NULL);
  g_autoptr (GMappedFile) other = g_mapped_file_new (second, FALSE, NULL);

  g_assert_cmpmem (g_mapped_file_get_contents (one), g_mapped_file_get_length (one),
                   g_mapped_file_get_contents (other), g_mapped_file_get_length (other));
}

/* --- ext4 --- */

/* A file system with an indexed directory and one removed file, as it would be made at TIME; NUMBER
 * is what a kernel would have drawn for its inodes. */
static void
make_ext4 (const char *directory, const char *image, gint64 time, const char *number)
{
  g_autofree char *tree = g_build_filename (directory, "tree", NULL);
  g_autofree char *large = g_build_filename (tree, "large", NULL);
  g_autofree char *old = g_build_filename (tree, "old", NULL);
  g_autofree char *gone = g_build_filename (tree, "gone", NULL);
  g_autofree char *fake = g_strdup_printf ("%" G_GINT64_FORMAT, time);
  g_autofree char *place = g_strconcat (image, "?offset=", OFFSET_TEXT, NULL);
  g_autofree char *commands
      = g_strdup_printf ("rm /gone\nsif /large generation %s\nsif /large/f1 generation %s\n"
                         "sif /large/f2 version %s\n"
                         "ssv mnt_count %s\nssv mtime %s\nssv kbytes_written %s\n",
                         number, number, number, number, fake, number);

  make_blank (image);
  g_assert_cmpint (g_mkdir_with_parents (large, 0755), ==, 0);
  for (int i = 0; i < FILES; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/f%d", large, i);

      g_assert_true (g_file_set_contents (path, "x", -1, NULL));
      set_time (path, time + i);
    }
  g_assert_true (g_file_set_contents (old, "old", -1, NULL));
  set_time (old, 1000000000);
  g_assert_true (g_file_set_contents (gone, "gone", -1, NULL));
  set_time (large, time - 1000000000); /* one is older than the epoch, as is the other */
  set_time (tree, time);
  g_setenv ("E2FSPROGS_FAKE_TIME", fake, TRUE);
  RUN ("mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-O", "metadata_csum,^metadata_csum_seed",
       "-U", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "-E",
       "hash_seed=6ba7b811-9dad-11d1-80b4-00c04fd430c8,offset=" OFFSET_TEXT, "-d", tree, image,
       "12000");
  {
    /* -D: makes indexes.  1 is "changed". */
    g_autofree char *program = lodge_paths_program ("e2fsck");
    const char *const argv[] = { program, "-fyD", place, NULL };
    g_autoptr (GError) error = NULL;
    int status;

    g_free (lodge_run_status (argv, NULL, &status, NULL, &error));
    g_assert_no_error (error);
    g_assert_cmpint (status, <=, 1);
  }
  RUN_WITH (commands, "debugfs", "-w", "-f", "-", place);
  g_unsetenv ("E2FSPROGS_FAKE_TIME");
}

static void
test_ext4 (void)
{
  static const char *const programs[] = { "mke2fs", "e2fsck", "debugfs", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *place = NULL;
  g_autofree char *status = NULL;
  g_autofree char *old = NULL;

  if (lacks (programs))
    return;
  directory = make_directory ();
  first = g_build_filename (directory, "first", NULL);
  second = g_build_filename (directory, "second", NULL);
  place = g_strconcat (first, "?offset=", OFFSET_TEXT, NULL);
  make_ext4 (directory, first, 1700000000, "111");
  make_ext4 (directory, second, 1710000000, "222");
  lodge_disk_times_ext4 (first, OFFSET, EPOCH, &error);
  g_assert_no_error (error);
  lodge_disk_times_ext4 (second, OFFSET, EPOCH, &error);
  g_assert_no_error (error);
  /* It was indexed, and still is. */
  status = run (NULL, "debugfs", "-R", "stat /large", place, NULL);
  g_assert_nonnull (strstr (status, "Flags: 0x81000"));
  g_assert_nonnull (strstr (status, "Generation: 0 "));
  g_assert_nonnull (strstr (status, "mtime: 0x5f5e1000:00000000"));
  old = run (NULL, "debugfs", "-R", "stat /old", place, NULL);
  g_assert_nonnull (strstr (old, "mtime: 0x3b9aca00:")); /* is older, and stays */
  g_assert_nonnull (strstr (old, "crtime: 0x5f5e1000:00000000"));
  /* All checksums are right. */
  RUN ("e2fsck", "-fn", place);
  assert_same (first, second);
  remove_directory (directory);
}

static void
test_ext4_unusable (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = make_directory ();
  g_autofree char *image = g_build_filename (directory, "image", NULL);

  make_blank (image);
  g_assert_false (lodge_disk_times_ext4 (image, OFFSET, EPOCH, &error));
  g_assert_nonnull (strstr (error->message, image));
  g_clear_error (&error);
  g_assert_false (lodge_disk_times_fat (image, OFFSET, EPOCH, &error));
  g_assert_nonnull (strstr (error->message, image));
  remove_directory (directory);
}

/* --- FAT --- */

static void
make_fat (const char *directory, const char *image, gint64 time)
{
  g_autofree char *file = g_build_filename (directory, "a file with a long name.txt", NULL);
  g_autofree char *place = g_strconcat (image, "@@", OFFSET_TEXT, NULL);

  make_blank (image);
  g_assert_true (g_file_set_contents (file, "text", -1, NULL));
  set_time (file, time);
  RUN ("mkfs.fat", "--invariant", "-F", "32", "-s", "1", "--offset", "2048", image, "60000");
  RUN ("mmd", "-i", place, "::/EFI", "::/EFI/BOOT");
  RUN ("mcopy", "-m", "-i", place, file, "::/EFI/BOOT/");
  /* More entries than a cluster of one sector has: the directory has several clusters. */
  for (int i = 0; i < 30; i++)
    {
      g_autofree char *name = g_strdup_printf ("::/EFI/BOOT/another long name %d", i);

      RUN ("mcopy", "-m", "-i", place, file, name);
    }
  RUN ("mdel", "-i", place, "::/EFI/BOOT/another long name 7");
}

static void
test_fat (void)
{
  static const char *const programs[] = { "mkfs.fat", "fsck.fat", "mcopy", "mmd", "mdel", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *place = NULL;
  g_autofree char *listing = NULL;

  if (lacks (programs))
    return;
  g_setenv ("TZ", "UTC", TRUE);
  g_setenv ("MTOOLS_SKIP_CHECK", "1", TRUE);
  directory = make_directory ();
  first = g_build_filename (directory, "first", NULL);
  second = g_build_filename (directory, "second", NULL);
  make_fat (directory, first, 1700000000);
  make_fat (directory, second, 1710000000);
  lodge_disk_times_fat (first, OFFSET, EPOCH, &error);
  g_assert_no_error (error);
  lodge_disk_times_fat (second, OFFSET, EPOCH, &error);
  g_assert_no_error (error);
  assert_same (first, second);
  place = g_strconcat (first, "@@", OFFSET_TEXT, NULL);
  listing = run (NULL, "mdir", "-i", place, "::/EFI/BOOT", NULL);
  g_assert_nonnull (strstr (listing, "2020-09-13  12:26"));
  g_assert_null (strstr (listing, "2023"));
  g_assert_nonnull (strstr (listing, "another long name 29"));
  g_assert_null (strstr (listing, "another long name 7\n"));
  remove_directory (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/disk-times/ext4", test_ext4);
  g_test_add_func ("/disk-times/unusable", test_ext4_unusable);
  g_test_add_func ("/disk-times/fat", test_fat);
  return g_test_run ();
}
