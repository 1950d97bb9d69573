/* Where an image names its file systems.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/flash-map.h"

typedef struct
{
  guint64 offset; /* bytes from the image's beginning */
  guint word;     /* which one */
} LodgeFlashMention;

/* All places of SOURCE, as far as MAP says that it is data, that hold one of WORDS (of 8 to 64
 * bytes); a GArray of LodgeFlashMention.  Not the partition table's.  A word that lies in two
 * blocks of a file that are not neighbours cannot be seen as a whole; LODGE_ERROR_FAILED tells of
 * what is the larger half of one, at the end or the beginning of a sector. */
GArray *lodge_flash_mentions (const LodgeFlashSource *source, const LodgeFlashMap *map,
                              const char *const *words, GCancellable *cancellable, GError **error);
