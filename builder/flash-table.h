/* The partition table that a disk gets: the image's, its backup at the disk's own end.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/flash-source.h"

/* Bytes at a place of the disk. */
typedef struct
{
  guint64 offset;
  GBytes *bytes;
} LodgeFlashPatch;

void lodge_flash_patch_free (LodgeFlashPatch *patch);

/* What a disk of DISK_SIZE bytes (sectors of 512 bytes, at least as large as SOURCE) gets in place
 * of the first and last MiB of SOURCE: LodgeFlashPatch, the one at byte 0 first.  A GPT is said to
 * be of this disk, with its backup at the disk's end and zeros where the image had it; with another
 * table, or none, the disk's last MiB becomes zeros, so that no backup of an older GPT is left.
 * With OWN_UUIDS the disk and its partitions get UUIDs that are made at random, in place of the
 * image's. */
GPtrArray *lodge_flash_patches (const LodgeFlashSource *source, guint64 disk_size,
                                gboolean own_uuids, GError **error);
