/* Who else works on a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <sys/types.h>

#include "common/disks.h"

/* Another process that has DISK or a partition of it open for writing, as "qemu-system-x86 (process
 * 123)"; NULL when there is none that this user may look at (root may look at all).  The kernel
 * keeps a disk from others only when one of them asks for that (O_EXCL), and QEMU, whose guest may
 * have a whole disk, does not.  Free with g_free. */
char *lodge_flash_find_user (const LodgeDisk *disk);
