/* How Lodge asks libblkid for everything that is somewhere on a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/blkid-open.h"
#include "common/error.h"

#include <errno.h>

LodgeBlkidProbe *
lodge_blkid_open (int fd, guint64 offset, guint64 size, guint sector_size, gboolean partitions,
                  GError **error)
{
  g_autoptr (LodgeBlkidProbe) probe = blkid_new_probe ();

  errno = 0;
  if (probe == NULL || blkid_probe_set_device (probe, fd, (blkid_loff_t)offset, (blkid_loff_t)size)
      || blkid_probe_set_sectorsize (probe, sector_size)
      || blkid_probe_enable_superblocks (probe, 1)
      || blkid_probe_set_superblocks_flags (probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE
                                                       | BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID
                                                       | BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_BADCSUM)
      || (partitions
          && (blkid_probe_enable_partitions (probe, 1)
              || blkid_probe_set_partitions_flags (probe,
                                                   BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT))))
    {
      lodge_error_set_errno (error, errno != 0 ? errno : EIO, "look for what is on the disk");
      return NULL;
    }
  return g_steal_pointer (&probe);
}
