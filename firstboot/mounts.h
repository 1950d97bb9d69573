/* What is mounted or swapped to on the running system, and on which device.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "common/mount-handle.h"

/* What is mounted now, in the order of mounting (/proc/self/mountinfo). */
LodgeMountTable *lodge_mounts_read (GError **error);

/* The active swap areas (/proc/swaps); empty on a kernel without swap. */
LodgeMountTable *lodge_swaps_read (GError **error);

/* The number of the block device that the line is about, 0 when there is none.  File systems that
 * have a number of their own instead of a device's (btrfs) are looked up by their source. */
dev_t lodge_mount_devno (struct libmnt_fs *line);
