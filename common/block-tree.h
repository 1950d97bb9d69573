/* How block devices stand on each other: partitions, dm, md, loop.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Devices go by kernel name ("sdb1", "dm-0"; "!" stands for "/" as in /sys/block).
 */
#pragma once

#include <sys/types.h>
#include "common/disks.h"

/* The device of that number, or NULL when the kernel has none. */
char *lodge_block_name (const LodgeProbe *probe, dev_t number);

/* The device that a path under /dev names, symbolic links (as /dev/mapper/vg-lv) followed; NULL
 * when there is none. */
char *lodge_block_name_of_path (const LodgeProbe *probe, const char *path);

/* The disk that a partition is of; a copy of NAME when it is no partition. */
char *lodge_block_whole (const LodgeProbe *probe, const char *name);

/* The partitions of a disk, in the order of their numbers.  Never NULL. */
GStrv lodge_block_partitions (const LodgeProbe *probe, const char *disk);

/* The devices that NAME is built on: the disk of a partition, the members of dm, md and bcache. Not
 * further down.  As char *, never NULL. */
GPtrArray *lodge_block_below (const LodgeProbe *probe, const char *name);

/* The devices built on NAME (dm, md, bcache); for a disk those on its partitions too.  Not further
 * up.  As char *, never NULL. */
GPtrArray *lodge_block_holders (const LodgeProbe *probe, const char *name);

/* "dm-0" as people know it: "the LVM volume vg-data", "the multipath device mpatha", "the software
 * RAID md0". */
char *lodge_block_describe (const LodgeProbe *probe, const char *name);

/* The device is device-mapper's multipath. */
gboolean lodge_block_is_multipath (const LodgeProbe *probe, const char *name);
