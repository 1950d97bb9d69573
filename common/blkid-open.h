/* How Lodge asks libblkid for everything that is somewhere on a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "common/blkid-handle.h"

/* A probe that finds everything in SIZE bytes of FD from OFFSET on: all file systems, RAID and LVM
 * members with good or bad checksums, and, when PARTITIONS, all partition tables, GPT also without
 * its protective MBR.  Errors do not name the disk: the caller prefixes them. */
LodgeBlkidProbe *lodge_blkid_open (int fd, guint64 offset, guint64 size, guint sector_size,
                                   gboolean partitions, GError **error);
