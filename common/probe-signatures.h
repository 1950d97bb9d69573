/* What is on a disk: every signature that libblkid knows, and whether the rest is empty.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libblkid is not asked which one signature is the right one (its "safe" probing, blkid(8)), as its
 * answer to a disk with two is none, and the disk would pass for blank.  It is asked for each in
 * turn, as wipefs(8) does, those of bad checksum and the GPT's backup header included.
 */
#pragma once

#include "common/disks.h"

typedef struct
{
  GPtrArray *signatures; /* of LodgeSignature: of the disk, then of its partitions */
  gboolean unknown_data; /* as in LodgeDisk */
} LodgeContent;

/* Reads what is on the block device or image file PATH.  DEVICE ("/dev/sdb") is its name in the
 * result; partitions are found through the partition table on it and named after it ("/dev/sdb1"),
 * whether or not the kernel has read that table.  Any byte that cannot be read is an error: a disk
 * that does not tell what is on it is not blank. */
LodgeContent *lodge_content_probe (const char *path, const char *device, GError **error);

/* The same from a captured tree. */
LodgeContent *lodge_content_captured (const LodgeProbe *probe, const char *name,
                                      const char *const *partitions, GError **error);

void lodge_content_free (LodgeContent *content);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeContent, lodge_content_free)

/* "/dev/sdb" and 1 give "/dev/sdb1", "/dev/nvme0n1" and 1 give "/dev/nvme0n1p1". */
char *lodge_partition_device (const char *device, int number);
