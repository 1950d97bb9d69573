/* The units of the VM storage.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/run.h"
#include "firstboot/mount-unit.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mount-unit/wait", test_wait);
  return g_test_run ();
}
