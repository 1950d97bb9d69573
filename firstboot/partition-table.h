/* GUID partition tables: computed by libparted on a scratch disk, written in an order that leaves a
 * valid table at every instant.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The functions that compute touch nothing: they return the writes, in order (sectors.h), so that a
 * test can stop after any of them.
 */
#pragma once

#include "common/sectors.h"

/* Partitions begin and end at a multiple of this. */
#define LODGE_PARTITION_ALIGNMENT (1024 * 1024) /* bytes */

typedef struct
{
  guint64 start; /* bytes */
  guint64 size;  /* bytes */
} LodgeExtent;

/* The writes that make a new table with one partition called NAME (Linux file system data) over all
 * of a disk of SIZE bytes, where EXTENT receives the partition's place.  The protective MBR is
 * last: until it is there, neither the kernel nor libblkid sees a table, so that the disk goes from
 * none to a complete one with one sector.  Everything that was on the disk must have been wiped. */
GPtrArray *lodge_partition_table_create (guint64 size, guint sector_size, const char *name,
                                         LodgeExtent *extent, GError **error);

/* The writes that move the backup table of the disk FD (SIZE bytes) to its end and partition
 * NUMBER's end as far as it goes; none when there is nothing to gain.  FD is only read.  BEFORE and
 * AFTER receive the partition's place.
 *
 * A write of one sector at a time is taken to be atomic; the primary table on the disk is valid
 * before and after each, and tells of the old or the new partition.  All that changes is that
 * partition's last sector: anything else is an error, as are a damaged primary table and a
 * partition after NUMBER's. */
GPtrArray *lodge_partition_table_grow (int fd, guint64 size, guint sector_size, guint number,
                                       LodgeExtent *before, LodgeExtent *after, GError **error);
