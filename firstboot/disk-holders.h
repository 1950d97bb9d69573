/* What stands on a disk: whether it is in use, and stopping it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include "firstboot/probe.h"

/* LODGE_ERROR_REFUSED when DISK, a partition of it or anything made of these is mounted or swap:
 * that is never stopped, whoever allowed what. */
gboolean lodge_disk_check_unused (const char *disk, GError **error);

/* LODGE_ERROR_REFUSED when DISK has a part of an array, pool or btrfs file system, running or not,
 * of which another of DISKS (of LodgeDisk) has a part too that is not in ALLOWED (names of the
 * disks whose content may be destroyed). */
gboolean lodge_disk_check_members (const LodgeDisk *disk, const GPtrArray *disks,
                                   const GPtrArray *allowed, GError **error);

/* Stops everything that is made of DISK: device-mapper devices (LVM's, dm-crypt's) are removed, md
 * arrays stopped.  LODGE_ERROR_REFUSED, and nothing stopped, when one of the devices also lies on a
 * disk that is not in ALLOWED, is in use, or is of a kind that cannot be stopped here. */
gboolean lodge_disk_stop_holders (const char *disk, const GPtrArray *allowed,
                                  GCancellable *cancellable, GError **error);
