/* Who else works on a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <sys/types.h>

#include "common/disks.h"

/* Another process that has DISK or a partition of it open for writing, as "qemu-system-x86 (process
 * 123)"; NULL when there is none that this user may look at (root may look at all).  The kernel
 * keeps a disk from others only when one of them asks for that (O_EXCL), and QEMU, whose guest may
 * have a whole disk, does not.  Of the other users' processes, those are found that keep a lock on
 * a part of it, as QEMU does, and hypervisors whose command line names it.  Free with g_free. */
char *lodge_flash_find_user (const LodgeDisk *disk);

/* Whether there are processes that this user may not look at. */
gboolean lodge_flash_users_are_hidden (void);
