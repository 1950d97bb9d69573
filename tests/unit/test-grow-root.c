/* A mounted ext4 on the last partition of a loop device grows with the device.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/run.h"
#include "firstboot/grow-root.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MIB G_GUINT64_CONSTANT (1048576)

typedef struct
{
  char *path;      /* image file */
  char *disk;      /* "/dev/loop0" */
  char *partition; /* "/dev/loop0p4" */
  char *directory; /* where it is mounted */
} Fixture;

/* Runs a program; its output. */
static char *G_GNUC_NULL_TERMINATED
run (const char *program, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  char *output;
  va_list arguments;

  va_start (arguments, program);
  for (const char *argument = program; argument != NULL; argument = va_arg (arguments, char *))
    g_ptr_array_add (argv, (gpointer)argument);
  va_end (arguments);
  g_ptr_array_add (argv, NULL);
  output = lodge_run ((const char *const *)argv->pdata, NULL, NULL, &error);
  g_assert_no_error (error);
  return output;
}

static void
resize_image (const Fixture *fixture, guint64 size)
{
  g_assert_cmpint (truncate (fixture->path, (off_t)size), ==, 0);
}

/* Why the test cannot run here, or NULL. */
static const char *
find_obstacle (void)
{
  static const char *const programs[]
      = { "losetup", "lsblk", "sgdisk", "mke2fs", "resize2fs", "partx", NULL };

  if (geteuid () != 0)
    return "loop devices and mounts need root";
  if (access ("/dev/loop-control", F_OK) != 0)
    return "the kernel has no loop devices";
  for (gsize i = 0; programs[i] != NULL; i++)
    {
      g_autofree char *path = g_find_program_in_path (programs[i]);

      if (path == NULL)
        return "losetup, lsblk, sgdisk, mke2fs, resize2fs and partx are needed";
    }
  return NULL;
}

/* An image with the four partitions of the contract, the last one ext4 and mounted. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  struct stat status;
  int fd;

  (void)data;
  if (find_obstacle () != NULL)
    return;
  fd = g_file_open_tmp ("lodge-test-XXXXXX.img", &fixture->path, &error);
  g_assert_no_error (error);
  close (fd);
  resize_image (fixture, 200 * MIB);
  output = run ("sgdisk", "--new=1:2048:4095", "--new=2:4096:20479", "--new=3:20480:40959",
                "--new=4:40960:0", "--typecode=4:4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709",
                "--change-name=4:root", fixture->path, NULL);
  fixture->disk = run ("losetup", "--find", "--show", "--partscan", fixture->path, NULL);
  fixture->partition = g_strconcat (fixture->disk, "p4", NULL);
  /* A kernel that does not read GUID partition tables is told. */
  if (stat (fixture->partition, &status) != 0)
    g_free (run ("partx", "--add", fixture->disk, NULL));
  g_free (run ("mke2fs", "-q", "-t", "ext4", fixture->partition, NULL));
  fixture->directory = g_dir_make_tmp ("lodge-test-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_cmpint (mount (fixture->partition, fixture->directory, "ext4", 0, NULL), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  if (fixture->path == NULL)
    return;
  g_assert_cmpint (umount (fixture->directory), ==, 0);
  g_rmdir (fixture->directory);
  g_free (run ("partx", "--delete", fixture->disk, NULL));
  g_free (run ("losetup", "--detach", fixture->disk, NULL));
  g_unlink (fixture->path);
  g_free (fixture->directory);
  g_free (fixture->partition);
  g_free (fixture->disk);
  g_free (fixture->path);
}

static guint64
file_system_size (const Fixture *fixture)
{
  struct statvfs status;

  g_assert_cmpint (statvfs (fixture->directory, &status), ==, 0);
  return (guint64)status.f_blocks * status.f_frsize;
}

static void
make_disk_larger (const Fixture *fixture, guint64 size)
{
  resize_image (fixture, size);
  g_free (run ("losetup", "--set-capacity", fixture->disk, NULL));
}

/* The kernel grows a mounted ext4 for CAP_SYS_RESOURCE only, which not every root has (containers).
 */
static gboolean
can_grow_file_system (void)
{
  return prctl (PR_CAPBSET_READ, CAP_SYS_RESOURCE, 0, 0, 0) == 1;
}

static guint64
partition_size (const Fixture *fixture)
{
  g_autofree char *output = run ("lsblk", "--noheadings", "--bytes", "--nodeps", "--output=SIZE",
                                 fixture->partition, NULL);

  return g_ascii_strtoull (output, NULL, 10);
}

static void
grow (const Fixture *fixture, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *report = NULL;
  gboolean grown = lodge_grow_root (fixture->partition, &report, &error);

  if (!grown && !can_grow_file_system ())
    {
      g_assert_nonnull (strstr (error->message, "resize2fs"));
      g_test_message ("%s", error->message);
      return;
    }
  g_assert_no_error (error);
  g_test_message ("%s", report);
  g_assert_nonnull (strstr (report, expected));
}

static gboolean
skipped (void)
{
  const char *obstacle = find_obstacle ();

  if (obstacle != NULL)
    g_test_skip (obstacle);
  return obstacle != NULL;
}

static void
test_grow (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = NULL;
  g_autofree char *content = NULL;
  g_autofree char *verdict = NULL;

  (void)data;
  if (skipped ())
    return;
  file = g_build_filename (fixture->directory, "file", NULL);
  g_assert_true (g_file_set_contents (file, "kept", -1, &error));
  g_assert_cmpuint (file_system_size (fixture), <, 200 * MIB);

  grow (fixture, "fills its disk already");
  make_disk_larger (fixture, 600 * MIB);
  grow (fixture, "grew from");
  g_assert_cmpuint (partition_size (fixture), ==, 579 * MIB);
  if (can_grow_file_system ())
    g_assert_cmpuint (file_system_size (fixture), >, 500 * MIB);
  grow (fixture, "fills its disk already");

  g_assert_true (g_file_get_contents (file, &content, NULL, &error));
  g_assert_cmpstr (content, ==, "kept");
  verdict = run ("sgdisk", "--verify", fixture->disk, NULL);
  g_assert_nonnull (strstr (verdict, "No problems found"));
}

/* The table was grown and the power cut: the kernel and the file system follow at the next call. */
static void
test_resume (Fixture *fixture, gconstpointer data)
{
  (void)data;
  if (skipped ())
    return;
  make_disk_larger (fixture, 400 * MIB);
  g_free (run ("sgdisk", "--move-second-header", "--delete=4", "--new=4:40960:817151",
               "--typecode=4:4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", "--change-name=4:root",
               fixture->path, NULL));
  grow (fixture, "grew from");
  g_assert_cmpuint (partition_size (fixture), ==, 379 * MIB);
  if (can_grow_file_system ())
    g_assert_cmpuint (file_system_size (fixture), >, 300 * MIB);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *report = NULL;
  g_autofree char *second = NULL;

  (void)data;
  if (skipped ())
    return;
  g_assert_false (lodge_grow_root (fixture->disk, &report, &error));
  g_assert_nonnull (strstr (error->message, "not on a plain partition"));
  g_clear_error (&error);
  second = g_strconcat (fixture->disk, "p2", NULL);
  g_assert_false (lodge_grow_root (second, &report, &error));
  g_assert_nonnull (strstr (error->message, "it is not mounted"));
  g_clear_error (&error);
  g_assert_false (lodge_grow_root ("/dev/null", &report, &error));
  g_assert_nonnull (strstr (error->message, "not on a plain partition"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/grow-root/grow", Fixture, NULL, set_up, test_grow, tear_down);
  g_test_add ("/grow-root/resume", Fixture, NULL, set_up, test_resume, tear_down);
  g_test_add ("/grow-root/refused", Fixture, NULL, set_up, test_refused, tear_down);
  return g_test_run ();
}
