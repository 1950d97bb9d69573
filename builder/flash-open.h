/* From what the user calls an image to what can be written: raw, compressed, qcow2 and VMDK images,
 * their flash map, and answers. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier:
 * GPL-3.0-or-later
 */
#pragma once

#include "builder/flash-map.h"
#include "builder/progress.h"

typedef struct
{
  LodgeFlashSource *source;
  LodgeFlashMap *map;
} LodgeFlashImage;

/* Opens IMAGE: raw; raw and compressed with xz, zstd, gzip or bzip2, which is unpacked first; or
 * qcow2 or VMDK, which qemu-img converts.  Both go into an unnamed temporary file, so that a
 * damaged image is found out before a disk is touched.  Then its flash map, NAME.map for NAME.raw,
 * NAME.qcow2, NAME.raw.zst …, is read and compared with it, or made when there is none: all the
 * image's holes are written as zeros then.  The map has all hashes afterwards. */
LodgeFlashImage *lodge_flash_image_open (const char *image, LodgeProgress *progress,
                                         GCancellable *cancellable, GError **error);

/* NAME.map for NAME.raw, NAME.raw.zst (COMPRESSION ".zst"; NULL: none) or NAME.qcow2; NULL when
 * there is none.  Free with g_free. */
char *lodge_flash_find_map (const char *image, const char *compression);

/* Puts TEXT as answers.conf on the LODGE partition of what is written; the image itself stays as it
 * is. */
gboolean lodge_flash_image_put_answers (LodgeFlashImage *image, const char *text,
                                        GCancellable *cancellable, GError **error);

void lodge_flash_image_free (LodgeFlashImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeFlashImage, lodge_flash_image_free)
