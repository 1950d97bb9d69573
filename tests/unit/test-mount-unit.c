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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mount-unit/wait", test_wait);
  g_test_add_func ("/mount-unit/protect", test_protect);
  return g_test_run ();
}
