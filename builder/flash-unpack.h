/* Compressed, qcow2 and VMDK images, unpacked to raw ones.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/progress.h"

/* The suffix of a file that is compressed, by what the file IMAGE begins with (".xz", ".zst",
 * ".gz",
 * ".bz2"); NULL with ERROR unset when it is not compressed. */
const char *lodge_flash_compression (const char *image, GError **error);

/* A descriptor of a temporary, unnamed raw image (flash-source.h), holes where there are zeros; -1
 * with ERROR set.  FORMAT is what lodge_image_format() says of IMAGE. */
int lodge_flash_unpack (const char *image, LodgeProgress *progress, GCancellable *cancellable,
                        GError **error);
int lodge_flash_convert (const char *image, const char *format, LodgeProgress *progress,
                         GCancellable *cancellable, GError **error);

/* The same for the beginning alone of a compressed image: as much as a partition table takes. */
int lodge_flash_unpack_start (const char *image, GCancellable *cancellable, GError **error);

/* The size in bytes of the disk that IMAGE, in FORMAT, is of.  Refuses one that is made up of other
 * files: anyone who makes an image could name a disk of this machine there. */
gboolean lodge_flash_virtual_size (const char *image, const char *format, guint64 *size,
                                   GCancellable *cancellable, GError **error);
