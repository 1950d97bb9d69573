/* From a complete file system on a disk to VM storage that every boot has: what all layouts have in
 * common that end with one file system on one partition.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <sys/types.h>

#include "firstboot/disk-guard.h"
#include "firstboot/step.h"

/* The kernel's name of partition 1 of DISK, which must be the only one.  DESCRIPTION is for
 * messages.  Free with g_free. */
char *lodge_storage_partition (const char *disk, const char *description, GError **error);

/* Gives the lock of GUARD back (frees it: udev is needed from here on), and finds the partition of
 * the disk that was locked: *NODE (free with g_free) and *DEVNO. */
gboolean lodge_storage_release (LodgeDiskGuard **guard, char **node, dev_t *devno,
                                GCancellable *cancellable, GError **error);

/* Mounts the plan's file system, which is on NODE, now and at every boot, checks that it is that
 * one which was mounted, and moves the system's log there.  Run again it finds its work done. */
gboolean lodge_storage_bring_up (LodgeStepContext *context, const char *node, dev_t devno,
                                 GError **error);
