/* The flash map: which bytes of an image must be on a disk that it is written to.  NAME.map beside
 * an image, see flash-map(5).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include "builder/flash-source.h"
#include "builder/sha256.h"

/* The first and the last MiB of an image hold its partition table.  A range lies within one of the
 * three parts, so that these two can be written last, and otherwise than the image has them. */
#define LODGE_FLASH_MARGIN (G_GUINT64_CONSTANT (1) << 20)

typedef enum
{
  LODGE_FLASH_DATA, /* the image's bytes */
  LODGE_FLASH_ZERO, /* the image has nothing there, and something depends on that: a journal, a
                       file allocation table, zeros in a file */
} LodgeFlashKind;

typedef struct
{
  LodgeFlashKind kind;
  guint64 offset; /* bytes */
  guint64 length;
  char sha256[LODGE_SHA256_DIGITS + 1]; /* DATA: lower case, or "" when it is not known yet */
} LodgeFlashRange;

typedef struct
{
  guint64 image_size; /* bytes */
  GArray *ranges;     /* of LodgeFlashRange, in the order of their place, apart from each other */
} LodgeFlashMap;

/* The map of an image of IMAGE_SIZE bytes that has data in DATA (spans.h) and does not care what is
 * in FREE; hashes are not known yet. */
LodgeFlashMap *lodge_flash_map_new (guint64 image_size, const GArray *data, const GArray *free);

/* The map of SOURCE, whose content it follows from alone.  With SPARSE the free space of its file
 * systems may hold anything on the disk; without, the disk gets all the image's zeros.  DONE (or
 * NULL) is told the bytes read so far and in all. */
LodgeFlashMap *lodge_flash_map_make (const LodgeFlashSource *source, gboolean sparse,
                                     void (*done) (guint64 bytes, guint64 total, gpointer data),
                                     gpointer user, GCancellable *cancellable, GError **error);

/* Fills in the hashes that are not known and, with COMPARE, compares all else with SOURCE: an image
 * that was changed after its map was made, in a zero range too, is an error that names the place.
 * DONE (or NULL) is told the bytes read so far and in all. */
gboolean lodge_flash_map_hash (LodgeFlashMap *map, const LodgeFlashSource *source, gboolean compare,
                               void (*done) (guint64 bytes, guint64 total, gpointer data),
                               gpointer data, GCancellable *cancellable, GError **error);

/* The text of NAME.map.  All hashes are known. */
char *lodge_flash_map_format (const LodgeFlashMap *map);

/* Parses TEXT; PATH is for messages.  Anything that flash-map(5) does not say, and a text that was
 * cut off or changed, is LODGE_ERROR_FAILED. */
LodgeFlashMap *lodge_flash_map_parse (const char *path, const char *text, GError **error);

/* The same for the file PATH. */
LodgeFlashMap *lodge_flash_map_load (const char *path, GError **error);

/* Makes MAP say of the bytes from START to END what PART, the map of another image of that size,
 * says of all its own.  Hashes of ranges that cross START or END are not known afterwards. */
void lodge_flash_map_replace (LodgeFlashMap *map, guint64 start, guint64 end,
                              const LodgeFlashMap *part);

/* The bytes of all ranges of KIND. */
guint64 lodge_flash_map_bytes (const LodgeFlashMap *map, LodgeFlashKind kind);

void lodge_flash_map_free (LodgeFlashMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeFlashMap, lodge_flash_map_free)
