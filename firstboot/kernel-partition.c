/* The kernel's knowledge of a disk's partitions.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/kernel-partition.h"
#include "common/error.h"
#include "firstboot/i18n.h"

#include <errno.h>
#include <linux/blkpg.h>
#include <sys/ioctl.h>

static gboolean
tell (int fd, int operation, guint number, const LodgeExtent *extent, GError **error)
{
  struct blkpg_partition partition = {
    .start = (long long)extent->start,
    .length = (long long)extent->size,
    .pno = (int)number,
  };
  struct blkpg_ioctl_arg argument = {
    .op = operation,
    .datalen = sizeof partition,
    .data = &partition,
  };

  if (ioctl (fd, BLKPG, &argument) == 0)
    return TRUE;
  return lodge_error_set_errno (error, errno, N_ ("tell the kernel of partition %u"), number);
}

gboolean
lodge_kernel_partition_add (int fd, guint number, const LodgeExtent *extent, GError **error)
{
  return tell (fd, BLKPG_ADD_PARTITION, number, extent, error);
}

gboolean
lodge_kernel_partition_resize (int fd, guint number, const LodgeExtent *extent, GError **error)
{
  return tell (fd, BLKPG_RESIZE_PARTITION, number, extent, error);
}
