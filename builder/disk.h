/* The disk image, through libguestfs: partition table, FAT file systems, boot loaders, and what is
 * added on top of the packaged root. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include "builder/plan.h"
#include "builder/progress.h"

typedef struct _LodgeDiskWriter LodgeDiskWriter;

/* For IMAGE, a sparse file that has its final size.  WORK is a directory for what the appliance
 * needs for itself.  CANCELLABLE ends the appliance whenever it comes; it and PROGRESS must live as
 * long. */
LodgeDiskWriter *lodge_disk_writer_new (const char *image, const char *work,
                                        LodgeProgress *progress, GCancellable *cancellable);

/* Starts launching the appliance in a thread, so that it is ready when the root is.  A KVM that is
 * present but broken is found out within a bounded time and emulation is used instead; which one it
 * is goes to PROGRESS in one line.  The second call and later ones do nothing; not for two threads
 * at once. */
void lodge_disk_writer_launch (LodgeDiskWriter *writer);

/* Partitions and makes the FAT file systems; launches, and waits for it; unpacks OVERLAY (a tar
 * archive's file name, or NULL) over the root; writes /etc/fstab, root's password when the plan has
 * one, ANSWERS (text or NULL) and README.txt on the LODGE partition; installs GRUB and shim and the
 * boot menu; asserts what must be true of a bootable image without secrets; shuts the appliance
 * down and checks the root file system.  All data is in the file then, fsync is the caller's.
 * BUILD_HASH gives the UUIDs, and no time in the file systems is later than EPOCH: the same inputs
 * give the same bytes.  The root file system is in its place before, with the UUID of the role
 * "filesystem-root". */
gboolean lodge_disk_writer_finish (LodgeDiskWriter *writer, const LodgeBuildPlan *plan,
                                   const char *build_hash, gint64 epoch, const char *overlay,
                                   const char *answers, GCancellable *cancellable, GError **error);

/* Ends the appliance whatever it is doing; NULL is accepted. */
void lodge_disk_writer_free (LodgeDiskWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeDiskWriter, lodge_disk_writer_free)
