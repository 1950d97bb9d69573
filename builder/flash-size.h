/* How much room an image needs, known before it is unpacked: nobody is asked to give up a disk that
 * is too small, or for an image that was cut off.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* *SIZE becomes the bytes that IMAGE takes on a disk, as far as that can be known without unpacking
 * it, else 0: a raw image's own, what qemu-img says of a qcow2 or VMDK image, what is written in a
 * zstd or xz file, in the flash map beside it, or in the partition table that it begins with.
 * Refuses one that is known to end before its partition table does (flash-length.h). */
gboolean lodge_flash_size_find (const char *image, guint64 *size, GCancellable *cancellable,
                                GError **error);
