/* The disk image, through libguestfs: partition table, FAT file systems, boot loaders, and what is
 * added on top of the packaged root. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include "builder/plan.h"
#include "builder/progress.h"

typedef struct _LodgeDiskWriter LodgeDiskWriter;

/* Starts launching the appliance on IMAGE (a sparse file that has its final size) in a thread, so
 * that it is ready when the root tree is.  A KVM that is present but broken is found out within a
 * bounded time and emulation is used instead; which one it is goes to PROGRESS in one line. */
LodgeDiskWriter *lodge_disk_writer_start (const char *image, LodgeProgress *progress);

/* Waits for the launch; partitions; makes the FAT file systems; installs GRUB and shim; unpacks
 * OVERLAY (a tar stream's file name) over the root; puts ANSWERS (text or NULL) and README.txt on
 * the LODGE partition; asserts what must be true of a bootable image; shuts the appliance down, all
 * data on the file.  BUILD_HASH gives the UUIDs. */
gboolean lodge_disk_writer_finish (LodgeDiskWriter *writer, const LodgeBuildPlan *plan,
                                   const char *build_hash, const char *overlay, const char *answers,
                                   GCancellable *cancellable, GError **error);

/* Ends the appliance whatever it is doing; NULL is accepted. */
void lodge_disk_writer_free (LodgeDiskWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeDiskWriter, lodge_disk_writer_free)
