/* Handing an image round.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-feed.h"

#include <stdlib.h>

#include "builder/flash-device.h"

enum
{
  /* Chunks that are read ahead.  There is one more for each disk, which may keep the one that it
   * works on for long.  With a buffer for each and its table, which is two or three: less than
   * 64 MiB for ten disks. */
  CHUNKS = 6,
};

/* Zeros are cut so that progress is seen and Ctrl-C obeyed. */
#define LONGEST_ZEROS (G_GUINT64_CONSTANT (16) << 20)

/* A place in the image: so many bytes of that range of the map are behind it. */
typedef struct
{
  guint range;
  guint64 done;
} Place;

/* A piece on its way to several disks. */
typedef struct
{
  LodgeFlashPiece piece;
  Place place;
  guint8 *bytes; /* NULL: zeros */
  guint references;
} Shared;

struct _LodgeFlashTaker
{
  LodgeFlashFeed *feed;
  guint8 *buffer;
  /* Of the feed's mutex, until it is alone: */
  GQueue queue;     /* of Shared that it did not take yet */
  Shared *taken;    /* what it works on */
  gboolean waiting; /* has nothing to do */
  gboolean alone;   /* reads for itself */
  gboolean left;
  /* What it reads for itself: */
  Place place;
  LodgeFlashPiece piece;
};

struct _LodgeFlashFeed
{
  const LodgeFlashSource *source;
  const LodgeFlashMap *map;
  GPtrArray *takers;
  GMutex mutex; /* of what follows, and of the takers */
  GCond changed;
  GQueue spare; /* memory, as guint8 * */
  gboolean ended;
};

gboolean
lodge_flash_is_margin (const LodgeFlashMap *map, const LodgeFlashRange *range)
{
  return range->offset < LODGE_FLASH_MARGIN
         || range->offset >= map->image_size - LODGE_FLASH_MARGIN;
}

static void
add_memory (LodgeFlashFeed *feed)
{
  g_queue_push_tail (&feed->spare, lodge_flash_buffer_new (LODGE_FLASH_CHUNK));
}

LodgeFlashFeed *
lodge_flash_feed_new (const LodgeFlashSource *source, const LodgeFlashMap *map)
{
  LodgeFlashFeed *feed = g_new0 (LodgeFlashFeed, 1);

  feed->source = source;
  feed->map = map;
  feed->takers = g_ptr_array_new_with_free_func (g_free);
  g_mutex_init (&feed->mutex);
  g_cond_init (&feed->changed);
  g_queue_init (&feed->spare);
  for (int i = 0; i < CHUNKS; i++)
    add_memory (feed);
  return feed;
}

LodgeFlashTaker *
lodge_flash_feed_add (LodgeFlashFeed *feed, guint8 *buffer)
{
  LodgeFlashTaker *taker = g_new0 (LodgeFlashTaker, 1);

  taker->feed = feed;
  taker->buffer = buffer;
  g_queue_init (&taker->queue);
  g_ptr_array_add (feed->takers, taker);
  add_memory (feed);
  return taker;
}

/* The piece at PLACE, which goes on to the next one; FALSE at the end. */
static gboolean
next_piece (const LodgeFlashMap *map, Place *place, LodgeFlashPiece *piece, gboolean *zero)
{
  for (; place->range < map->ranges->len; place->range++, place->done = 0)
    {
      const LodgeFlashRange *range = &g_array_index (map->ranges, LodgeFlashRange, place->range);

      if (lodge_flash_is_margin (map, range) || place->done >= range->length)
        continue;
      *zero = range->kind == LODGE_FLASH_ZERO;
      piece->offset = range->offset + place->done;
      piece->length = MIN (range->length - place->done, *zero ? LONGEST_ZEROS : LODGE_FLASH_CHUNK);
      place->done += piece->length;
      return TRUE;
    }
  return FALSE;
}

/* --- under the mutex --- */

static void
release (LodgeFlashFeed *feed, Shared *shared)
{
  if (shared == NULL || --shared->references > 0)
    return;
  if (shared->bytes != NULL)
    {
      g_queue_push_tail (&feed->spare, shared->bytes);
      g_cond_broadcast (&feed->changed);
    }
  g_free (shared);
}

static gboolean
is_fed (const LodgeFlashTaker *taker)
{
  return !taker->alone && !taker->left;
}

static void
leave_alone (LodgeFlashTaker *taker)
{
  taker->alone = TRUE;
  taker->place = ((const Shared *)g_queue_peek_head (&taker->queue))->place;
  while (!g_queue_is_empty (&taker->queue))
    release (taker->feed, g_queue_pop_head (&taker->queue));
}

/* Memory for a chunk, or NULL when nobody is to be fed any more. */
static guint8 *
wait_for_memory (LodgeFlashFeed *feed)
{
  for (;;)
    {
      LodgeFlashTaker *last = NULL;
      gboolean fed = FALSE;
      gboolean waiting = FALSE;

      for (guint i = 0; i < feed->takers->len; i++)
        {
          LodgeFlashTaker *taker = g_ptr_array_index (feed->takers, i);

          if (!is_fed (taker))
            continue;
          fed = TRUE;
          waiting = waiting || (taker->waiting && g_queue_is_empty (&taker->queue));
          if (!g_queue_is_empty (&taker->queue)
              && (last == NULL || taker->queue.length > last->queue.length))
            last = taker;
        }
      if (!fed)
        return NULL;
      if (!g_queue_is_empty (&feed->spare))
        return g_queue_pop_head (&feed->spare);
      if (waiting && last != NULL)
        leave_alone (last);
      else
        g_cond_wait (&feed->changed, &feed->mutex);
    }
}

static void
send (LodgeFlashFeed *feed, const LodgeFlashPiece *piece, const Place *place, guint8 *bytes)
{
  Shared *shared = g_new0 (Shared, 1);

  shared->piece = *piece;
  shared->piece.bytes = bytes;
  shared->bytes = bytes;
  shared->place = *place;
  shared->references = 1; /* ours */
  for (guint i = 0; i < feed->takers->len; i++)
    {
      LodgeFlashTaker *taker = g_ptr_array_index (feed->takers, i);

      if (!is_fed (taker))
        continue;
      shared->references++;
      g_queue_push_tail (&taker->queue, shared);
    }
  release (feed, shared);
  g_cond_broadcast (&feed->changed);
}

/* --- reading --- */

gboolean
lodge_flash_feed_read (LodgeFlashFeed *feed, GCancellable *cancellable, GError **error)
{
  Place place = { 0 };
  Place next = { 0 };
  LodgeFlashPiece piece;
  gboolean zero;
  gboolean good = TRUE;

  g_mutex_lock (&feed->mutex);
  for (; good && next_piece (feed->map, &next, &piece, &zero); place = next)
    {
      guint8 *bytes = zero ? NULL : wait_for_memory (feed);

      if (!zero && bytes == NULL)
        break;
      g_mutex_unlock (&feed->mutex);
      good = !g_cancellable_set_error_if_cancelled (cancellable, error)
             && (zero
                 || lodge_flash_source_read (feed->source, bytes, (gsize)piece.length, piece.offset,
                                             error));
      g_mutex_lock (&feed->mutex);
      if (good)
        send (feed, &piece, &place, bytes);
      else if (bytes != NULL)
        g_queue_push_tail (&feed->spare, bytes);
    }
  g_mutex_unlock (&feed->mutex);
  return good;
}

void
lodge_flash_feed_end (LodgeFlashFeed *feed)
{
  g_mutex_lock (&feed->mutex);
  feed->ended = TRUE;
  g_cond_broadcast (&feed->changed);
  g_mutex_unlock (&feed->mutex);
}

/* --- taking --- */

/* What TAKER gets from the reader; it may be left alone meanwhile. */
static void
take (LodgeFlashTaker *taker)
{
  LodgeFlashFeed *feed = taker->feed;

  g_mutex_lock (&feed->mutex);
  release (feed, g_steal_pointer (&taker->taken));
  taker->waiting = TRUE;
  g_cond_broadcast (&feed->changed);
  while (is_fed (taker) && g_queue_is_empty (&taker->queue) && !feed->ended)
    g_cond_wait (&feed->changed, &feed->mutex);
  taker->waiting = FALSE;
  taker->taken = g_queue_pop_head (&taker->queue);
  g_mutex_unlock (&feed->mutex);
}

static gboolean
read_alone (LodgeFlashTaker *taker, const LodgeFlashPiece **piece, GError **error)
{
  const LodgeFlashFeed *feed = taker->feed;
  gboolean zero;

  if (!next_piece (feed->map, &taker->place, &taker->piece, &zero))
    return TRUE;
  taker->piece.bytes = zero ? NULL : taker->buffer;
  if (!zero
      && !lodge_flash_source_read (feed->source, taker->buffer, (gsize)taker->piece.length,
                                   taker->piece.offset, error))
    return FALSE;
  *piece = &taker->piece;
  return TRUE;
}

gboolean
lodge_flash_feed_next (LodgeFlashTaker *taker, const LodgeFlashPiece **piece, GError **error)
{
  *piece = NULL;
  take (taker);
  /* First: it may be left alone while it works on this one. */
  if (taker->taken != NULL)
    {
      *piece = &taker->taken->piece;
      return TRUE;
    }
  return !taker->alone || read_alone (taker, piece, error);
}

void
lodge_flash_feed_leave (LodgeFlashTaker *taker)
{
  LodgeFlashFeed *feed = taker->feed;

  g_mutex_lock (&feed->mutex);
  taker->left = TRUE;
  release (feed, g_steal_pointer (&taker->taken));
  while (!g_queue_is_empty (&taker->queue))
    release (feed, g_queue_pop_head (&taker->queue));
  g_cond_broadcast (&feed->changed);
  g_mutex_unlock (&feed->mutex);
}

void
lodge_flash_feed_free (LodgeFlashFeed *feed)
{
  while (!g_queue_is_empty (&feed->spare))
    free (g_queue_pop_head (&feed->spare));
  g_ptr_array_unref (feed->takers);
  g_cond_clear (&feed->changed);
  g_mutex_clear (&feed->mutex);
  g_free (feed);
}
