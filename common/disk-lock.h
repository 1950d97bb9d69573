/* The lock that keeps udev and other programs off a disk while it is written.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Source: systemd.io/BLOCK_DEVICE_LOCKING: a BSD lock on the whole disk, never on a partition.
 */
#pragma once

#include <gio/gio.h>

/* Waits (bounded) for the exclusive lock of the disk FD, which closing FD gives back.  NAME is for
 * messages. */
gboolean lodge_disk_lock (int fd, const char *name, GCancellable *cancellable, GError **error);
