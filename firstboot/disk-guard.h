/* The guard of a disk that is about to be written: found again by its identity, locked, and looked
 * at once more right before the first write. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The device is held open all the time: as long as it is, the kernel gives its name to no other
 * disk, so that programs (mkfs.xfs, dmsetup) can be given names.  udev and others keep off through
 * a BSD lock on the whole disk (systemd.io/BLOCK_DEVICE_LOCKING).
 */
#pragma once

#include <gio/gio.h>
#include "firstboot/disk-state.h"
#include "firstboot/plan.h"

typedef struct
{
  const LodgePlanDisk *planned; /* not owned */
  GPtrArray *disks;             /* of LodgeDisk: all, as last probed */
  const LodgeDisk *disk;        /* the planned one among them */
  char *description;            /* for messages: "vdb (QEMU HARDDISK, 8.00 GiB, serial S1)" */
  int fd;                       /* read and write; locked */
  int claim;                    /* the exclusive claim, or -1 */
  guint sector_size;            /* bytes */
} LodgeDiskGuard;

/* Finds the planned disk, opens it and waits (bounded) for its lock.  Writes nothing. */
LodgeDiskGuard *lodge_disk_guard_open (const LodgePlanDisk *planned, GCancellable *cancellable,
                                       GError **error);

/* Gives lock and claim back. */
void lodge_disk_guard_free (LodgeDiskGuard *guard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeDiskGuard, lodge_disk_guard_free)

/* What is on the disk, read anew from the device. */
LodgeDiskState *lodge_disk_guard_read_state (LodgeDiskGuard *guard, GError **error);

/* Claims the disk: from here on nothing can mount it, or make anything of it or its partitions.
 * LODGE_ERROR_REFUSED when something does already, or the device is not the probed one any more. */
gboolean lodge_disk_guard_claim (LodgeDiskGuard *guard, GError **error);

/* Ends the claim, so that mkfs and mount can make theirs on a partition; the lock stays. */
void lodge_disk_guard_unclaim (LodgeDiskGuard *guard);

/* Probes all disks anew: LODGE_ERROR_REFUSED unless the open device still is the planned disk, in
 * every respect of lodge_planned_disk_find(). */
gboolean lodge_disk_guard_verify (LodgeDiskGuard *guard, GError **error);

/* After a failure: when the disk went away, ERROR says so instead of how it showed ("mkfs.xfs: …").
 * Always returns FALSE. */
gboolean lodge_disk_guard_explain (const LodgeDiskGuard *guard, GError **error);
