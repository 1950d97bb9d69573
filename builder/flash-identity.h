/* UUIDs of its own for each disk that an image is written to.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two disks of one image in one machine are twins: GRUB may take the kernel of one and the kernel
 * command line the root of the other, and CentOS' GRUB restarts the machine ("Duplicated media UUID
 * found").  So the file systems of each get UUIDs that nobody else has, after the image's bytes
 * were written and compared, and all that names the old ones is changed with them.
 */
#pragma once

#include "builder/flash-device.h"
#include "builder/flash-map.h"

/* What names an image's file systems, and where. */
typedef struct _LodgeFlashIdentity LodgeFlashIdentity;

/* Looks through SOURCE, as far as MAP says that it is written, and makes sure that nothing is in
 * the way.  NULL with ERROR unset when it has not the partitions that lodge build makes: nobody
 * knows what names its file systems. */
LodgeFlashIdentity *lodge_flash_identity_find (const LodgeFlashSource *source,
                                               const LodgeFlashMap *map, GCancellable *cancellable,
                                               GError **error);

/* Whether the image names a UUID of its partition table (PARTUUID=), which the table must keep
 * then. */
gboolean lodge_flash_identity_names_table (const LodgeFlashIdentity *identity);

/* Gives DEVICE, which holds the image all but its partition table, UUIDs that are made at random,
 * and reads back what was changed: each place that names them, and with e2fsck(8) the whole root
 * file system, whose checksums depend on its UUID.  Works without privileges. */
gboolean lodge_flash_identity_give (const LodgeFlashIdentity *identity, LodgeFlashDevice *device,
                                    GCancellable *cancellable, GError **error);

void lodge_flash_identity_free (LodgeFlashIdentity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeFlashIdentity, lodge_flash_identity_free)
