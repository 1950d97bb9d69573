/* The units of the VM storage.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/run.h"
#include "firstboot/mount-unit.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

#define UUID "d2719c1e-8f3a-4f6e-9d3e-0c8b1d1f7a55"

/* The drop-in is for the very unit that What= of the mount unit waits for. */
static void
test_wait (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *root = g_dir_make_tmp ("lodge-mount-unit-XXXXXX", &error);
  g_autofree char *path = NULL;
  g_autofree char *unit = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *text = NULL;
  g_autofree char *removed = NULL;

  g_assert_no_error (error);
  g_assert_true (lodge_mount_unit_write (root, UUID, &error));
  g_assert_no_error (error);
  g_assert_true (lodge_mount_unit_is_for (root, UUID));
  unit = lodge_run_list (&error, "systemd-escape", "--path", "--suffix=device",
                         "/dev/disk/by-uuid/" UUID, NULL);
  g_assert_no_error (error);
  expected = g_strconcat (root, "/etc/systemd/system/", unit, ".d/60-lodge.conf", NULL);
  path = lodge_mount_wait_path (root, UUID);
  g_assert_cmpstr (path, ==, expected);
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (text, "[Unit]\nJobRunningTimeoutSec="));
  removed = lodge_run_list (&error, "rm", "-r", root, NULL);
  g_assert_no_error (error);
}

/* An ext4 file system on a loop device, as the stick has: files cannot be made in the directory,
 * and what is mounted on it is not concerned. */
static void
test_protect (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *root = NULL;
  g_autofree char *image = NULL;
  g_autofree char *top = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *file = NULL;
  g_autofree char *output = NULL;
  int fd;

  root = g_dir_make_tmp ("lodge-protect-XXXXXX", &error);
  g_assert_no_error (error);
  image = g_build_filename (root, "image", NULL);
  top = g_build_filename (root, "top", NULL);
  directory = g_build_filename (top, "storage", NULL);
  file = g_build_filename (directory, "file", NULL);
  g_assert_cmpint (g_mkdir (top, 0700), ==, 0);
  output = lodge_run_list (NULL, "truncate", "-s", "8M", image, NULL);
  g_free (output);
  output = lodge_run_list (NULL, "mkfs.ext4", "-q", image, NULL);
  if (output != NULL)
    {
      g_free (output);
      output = lodge_run_list (&error, "mount", "-o", "loop", image, top, NULL);
    }
  if (output == NULL)
    {
      g_test_skip ("no loop device can be mounted here");
      g_free (lodge_run_list (NULL, "rm", "-r", root, NULL));
      return;
    }

  g_assert_true (lodge_mount_protect_directory (directory, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_creat (file, 0600), ==, -1);
  g_assert_cmpint (errno, ==, EPERM);
  /* Again it changes nothing. */
  g_assert_true (lodge_mount_protect_directory (directory, &error));
  g_free (lodge_run_list (&error, "mount", "-t", "tmpfs", "tmpfs", directory, NULL));
  g_assert_no_error (error);
  g_assert_true (lodge_mount_protect_directory (directory, &error));
  g_assert_no_error (error);
  fd = g_creat (file, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);

  g_free (lodge_run_list (&error, "umount", directory, top, NULL));
  g_assert_no_error (error);
  g_free (lodge_run_list (&error, "rm", "-r", root, NULL));
  g_assert_no_error (error);
}

/* What the kernel says of a mount that fails (lines of Linux 6.1), and nothing of one that works.
 */
static void
test_reason (void)
{
  static const struct
  {
    const char *lines;
    const char *reason;
  } cases[] = {
    { "", NULL },
    { "XFS (vda1): Mounting V5 Filesystem\nXFS (vda1): Starting recovery (logdev: internal)\n"
      "XFS (vda1): Ending recovery (logdev: internal)\nbr0: port 1(vda) entered blocking state",
      NULL },
    { "usb 1-1: new device\n"
      "XFS (sda1): Superblock has unknown incompatible features (0x20) enabled.\n"
      "XFS (sda1): Filesystem cannot be safely mounted by this kernel.\n"
      "XFS (sda1): SB validate failed with error -22.",
      "XFS (sda1): Superblock has unknown incompatible features (0x20) enabled.; "
      "XFS (sda1): Filesystem cannot be safely mounted by this kernel.; "
      "XFS (sda1): SB validate failed with error -22." },
    { "XFS (sda1): Mounting V5 Filesystem\nI/O error, dev sda, sector 8 op 0x0:(READ)\n"
      "XFS (sda1): log mount/recovery failed: error -5\nXFS (sda1): log mount failed",
      "I/O error, dev sda, sector 8 op 0x0:(READ); "
      "XFS (sda1): log mount/recovery failed: error -5; XFS (sda1): log mount failed" },
    { "I/O error, 1\nI/O error, 2\nI/O error, 3\nI/O error, 4\nI/O error, 5",
      "I/O error, 2; I/O error, 3; I/O error, 4; I/O error, 5" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) lines = g_strsplit (cases[i].lines, "\n", -1);
      g_autoptr (GPtrArray) log = g_ptr_array_new ();
      g_autofree char *reason = NULL;

      for (gsize j = 0; lines[j] != NULL; j++)
        g_ptr_array_add (log, lines[j]);
      reason = lodge_mount_kernel_reason (log);
      g_assert_cmpstr (reason, ==, cases[i].reason);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mount-unit/wait", test_wait);
  g_test_add_func ("/mount-unit/protect", test_protect);
  g_test_add_func ("/mount-unit/reason", test_reason);
  return g_test_run ();
}
