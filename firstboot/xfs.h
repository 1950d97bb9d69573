/* The XFS file system of the VM storage.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#define LODGE_XFS_LABEL "lodge-vms"

/* Makes it, with reflinks and UUID, on the partition NODE, and returns when it is on the disk.
 * mkfs.xfs is not told to overwrite: something that it knows there is an error. */
gboolean lodge_xfs_make (const char *node, const char *uuid, GCancellable *cancellable,
                         GError **error);

/* Whether the XFS file system on NODE was unmounted after its last change: the log holds nothing
 * that is not in its place too.  FALSE also when that cannot be told.  Nothing is written
 * (xfs_logprint(8)). */
gboolean lodge_xfs_is_clean (const char *node);

/* Looks into the XFS file system on NODE (mounted read-only and out of sight for that).  *HOLDS is
 * FALSE when there is no file in it, and when it cannot be mounted because it is incomplete; that
 * it cannot be looked at for another reason is an error. */
gboolean lodge_xfs_holds_files (const char *node, gboolean *holds, GError **error);
