/* The systemd unit that mounts the VM storage at every boot.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The unit file is also the mark that the file system is complete: it is written only when that is
 * on the disk, and to the same disk as the journal of steps.
 */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

/* systemd-escape --path of LODGE_STORAGE_MOUNT_POINT. */
#define LODGE_MOUNT_UNIT "var-lib-libvirt-images.mount"

/* The unit's text for the file system UUID; free with g_free. */
char *lodge_mount_unit_text (const char *uuid);

/* The text of the unit that says so when the storage is not there; free with g_free. */
char *lodge_mount_missing_unit_text (const char *uuid);

/* The path below ROOT of the drop-in that bounds the wait for the device with the file system UUID;
 * free with g_free. */
char *lodge_mount_wait_path (const char *root, const char *uuid);

/* Writes the units and the drop-in below ROOT ("" on a host). */
gboolean lodge_mount_unit_write (const char *root, const char *uuid, GError **error);

/* Whether the unit below ROOT mounts that file system. */
gboolean lodge_mount_unit_is_for (const char *root, const char *uuid);

/* Makes the directory DIRECTORY, if need be, and immutable: while the storage is not mounted on it,
 * nothing can be stored in it and fill the boot disk, or be hidden by the mount later.  Does
 * nothing where the file system cannot do that, and nothing to a mount point. */
gboolean lodge_mount_protect_directory (const char *directory, GError **error);

/* What the kernel says in LOG (of char *, processor.h) about an XFS file system that it does not
 * mount: its last lines that are not about its success, "a; b"; NULL when there are none.  Pure;
 * free with g_free. */
char *lodge_mount_kernel_reason (const GPtrArray *log);

/* Has systemd take the unit in, enable it and mount it.  When it fails, ERROR says why the kernel
 * does not mount it, as far as it said so. */
gboolean lodge_mount_unit_start (GCancellable *cancellable, GError **error);

/* That what is mounted at LODGE_STORAGE_MOUNT_POINT is the XFS file system UUID on the device DEVNO
 * itself: not another one, not a directory of it, and with nothing mounted over it. */
gboolean lodge_mount_verify (const char *uuid, dev_t devno, GError **error);

/* That LODGE_STORAGE_MOUNT_POINT is free: not a mount point of something else, and without files,
 * which the mount would hide. */
gboolean lodge_mount_check_free (GError **error);
