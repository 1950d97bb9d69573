/* The kernel's knowledge of a disk's partitions, changed one partition at a time.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libparted's commit would do it, but Debian's runs "udevadm settle" before and after, which waits
 * for a queue that cannot empty while the disk is locked: two minutes each (its patch
 * udevadm-settle.patch).
 */
#pragma once

#include "firstboot/partition-table.h"

/* Adds partition NUMBER (from 1) of the disk FD at EXTENT. */
gboolean lodge_kernel_partition_add (int fd, guint number, const LodgeExtent *extent,
                                     GError **error);

/* Gives partition NUMBER of the disk FD the size of EXTENT, which may be mounted; its start stays.
 */
gboolean lodge_kernel_partition_resize (int fd, guint number, const LodgeExtent *extent,
                                        GError **error);
