/* A disk in memory on which libparted may write, so that a new partition table can be looked at,
 * and put in order, before one sector of it reaches the real disk. Copyright (C) 2026 The Lodge
 * developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libparted's own commit writes the primary header, then the partition entries it vouches for.
 * Between the two the primary table is invalid, and the kernel does not read the backup unless
 * "gpt" is on its command line (block/partitions/efi.c, find_valid_gpt): a power cut there leaves a
 * boot disk without partitions.  So libparted computes, and partition-table.c writes.
 */
#pragma once

#include "firstboot/parted-handle.h"

typedef struct
{
  int fd;            /* an anonymous sparse file */
  guint64 size;      /* bytes */
  guint sector_size; /* logical, bytes */
  PedDevice *device;
} LodgeScratchDisk;

/* A disk of zeros; SIZE is cut to whole sectors. */
LodgeScratchDisk *lodge_scratch_disk_new (guint64 size, guint sector_size, GError **error);
void lodge_scratch_disk_free (LodgeScratchDisk *scratch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeScratchDisk, lodge_scratch_disk_free)
