/* What is mounted or swapped to.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/mounts.h"
#include "common/error.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

LodgeMountTable *
lodge_mounts_read (GError **error)
{
  g_autoptr (LodgeMountTable) table = mnt_new_table ();
  int result = table != NULL ? mnt_table_parse_file (table, "/proc/self/mountinfo") : -ENOMEM;

  if (result == 0)
    return g_steal_pointer (&table);
  lodge_error_set_errno (error, ABS (result), "read /proc/self/mountinfo");
  return NULL;
}

LodgeMountTable *
lodge_swaps_read (GError **error)
{
  g_autoptr (LodgeMountTable) table = mnt_new_table ();
  int result;

  if (table != NULL && !g_file_test ("/proc/swaps", G_FILE_TEST_EXISTS))
    return g_steal_pointer (&table);
  result = table != NULL ? mnt_table_parse_swaps (table, "/proc/swaps") : -ENOMEM;
  if (result == 0)
    return g_steal_pointer (&table);
  lodge_error_set_errno (error, ABS (result), "read /proc/swaps");
  return NULL;
}

dev_t
lodge_mount_devno (struct libmnt_fs *line)
{
  dev_t devno = mnt_fs_get_devno (line);
  const char *source = mnt_fs_get_srcpath (line);
  struct stat status;

  if (major (devno) != 0)
    return devno;
  if (source != NULL && stat (source, &status) == 0)
    {
      if (S_ISBLK (status.st_mode))
        return status.st_rdev;
      if (mnt_fs_is_swaparea (line)) /* a swap file is on the device of its file system */
        return status.st_dev;
    }
  return 0;
}
