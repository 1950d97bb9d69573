/* Handing an image round: one thread reads it, and each disk takes its pieces in order.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The memory is shared, and limited.  When a disk has nothing to do because others have not written
 * yet what fills the memory, the one that is furthest behind is left alone: it reads the image for
 * itself from there on, into memory that it has in any case, and holds up nobody.
 */
#pragma once

#include "builder/flash-map.h"
#include "builder/flash-source.h"

typedef struct _LodgeFlashFeed LodgeFlashFeed;

/* What a disk has of it; of lodge_flash_write() and the feed alone. */
typedef struct _LodgeFlashTaker LodgeFlashTaker;

/* A piece of the image. */
typedef struct
{
  guint64 offset;
  guint64 length;
  const guint8 *bytes; /* NULL: zeros */
} LodgeFlashPiece;

/* For what MAP says of SOURCE, apart from the margins; both must live as long. */
LodgeFlashFeed *lodge_flash_feed_new (const LodgeFlashSource *source, const LodgeFlashMap *map);

/* Another disk; before lodge_flash_feed_read().  BUFFER, of LODGE_FLASH_CHUNK bytes, is used for
 * pieces that it reads for itself. */
LodgeFlashTaker *lodge_flash_feed_add (LodgeFlashFeed *feed, guint8 *buffer);

/* Reads to the end, or until no disk needs it any more. */
gboolean lodge_flash_feed_read (LodgeFlashFeed *feed, GCancellable *cancellable, GError **error);
/* Tells all disks that there is no more. */
void lodge_flash_feed_end (LodgeFlashFeed *feed);

/* *PIECE becomes the next one, which is there until the next call, or NULL: there is no more. */
gboolean lodge_flash_feed_next (LodgeFlashTaker *taker, const LodgeFlashPiece **piece,
                                GError **error);
/* The disk takes nothing any more. */
void lodge_flash_feed_leave (LodgeFlashTaker *taker);

/* Whether RANGE is the patches' (flash-table.h) and not the body's. */
gboolean lodge_flash_is_margin (const LodgeFlashMap *map, const LodgeFlashRange *range);

/* When all have left. */
void lodge_flash_feed_free (LodgeFlashFeed *feed);
