/* Writing one image to several disks at once: the reader, and who waits for all.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-write.h"

#include <stdlib.h>

#include "builder/flash-job.h"

enum
{
  /* Chunks that are read and not written by all disks yet.  Each disk has one of its own, and its
   * table, which is two or three: less than 64 MiB for ten disks. */
  CHUNKS = 16,
  SHOW_PERIOD = 100 * 1000, /* microseconds */
};

/* Zeros are cut so that progress is seen and Ctrl-C obeyed. */
#define LONGEST_ZEROS (G_GUINT64_CONSTANT (16) << 20)

LodgeFlashPiece lodge_flash_last_piece = { .references = 1 };

/* Memory for chunks, handed round. */
typedef struct LodgeFlashPool
{
  GAsyncQueue *spare; /* of guint8 * */
} Pool;

void
lodge_flash_piece_unref (LodgeFlashPiece *piece)
{
  if (!g_atomic_int_dec_and_test (&piece->references))
    return;
  if (piece->bytes != NULL)
    g_async_queue_push (piece->pool->spare, piece->bytes);
  g_free (piece);
}

gboolean
lodge_flash_is_margin (const LodgeFlashMap *map, const LodgeFlashRange *range)
{
  return range->offset < LODGE_FLASH_MARGIN
         || range->offset >= map->image_size - LODGE_FLASH_MARGIN;
}

static void
send (GPtrArray *jobs, Pool *pool, guint64 offset, guint64 length, guint8 *bytes)
{
  LodgeFlashPiece *piece = g_new0 (LodgeFlashPiece, 1);

  piece->references = (gint)jobs->len;
  piece->offset = offset;
  piece->length = length;
  piece->bytes = bytes;
  piece->pool = pool;
  for (guint i = 0; i < jobs->len; i++)
    g_async_queue_push (((LodgeFlashJob *)g_ptr_array_index (jobs, i))->queue, piece);
}

/* Sends one range; each waits until memory is free again, which is when the slowest disk has
 * written. */
static gboolean
read_range (const LodgeFlashShared *shared, GPtrArray *jobs, Pool *pool,
            const LodgeFlashRange *range, GError **error)
{
  guint64 end = range->offset + range->length;
  guint64 longest = range->kind == LODGE_FLASH_ZERO ? LONGEST_ZEROS : LODGE_FLASH_CHUNK;

  for (guint64 offset = range->offset; offset < end;)
    {
      guint64 length = MIN (end - offset, longest);
      guint8 *bytes = NULL;

      if (g_cancellable_set_error_if_cancelled (shared->cancellable, error))
        return FALSE;
      if (range->kind == LODGE_FLASH_DATA)
        {
          bytes = g_async_queue_pop (pool->spare);
          if (!lodge_flash_source_read (shared->source, bytes, (gsize)length, offset, error))
            {
              g_async_queue_push (pool->spare, bytes);
              return FALSE;
            }
        }
      send (jobs, pool, offset, length, bytes);
      offset += length;
    }
  return TRUE;
}

typedef struct
{
  LodgeFlashShared *shared;
  GPtrArray *jobs;
} Reading;

static gpointer
read_image (gpointer data)
{
  const Reading *reading = data;
  LodgeFlashShared *shared = reading->shared;
  const LodgeFlashMap *map = shared->map;
  Pool pool = { .spare = g_async_queue_new () };
  GError *error = NULL;

  for (int i = 0; i < CHUNKS; i++)
    g_async_queue_push (pool.spare, lodge_flash_buffer_new (LODGE_FLASH_CHUNK));
  for (guint i = 0; error == NULL && i < map->ranges->len; i++)
    {
      const LodgeFlashRange *range = &g_array_index (map->ranges, LodgeFlashRange, i);

      if (!lodge_flash_is_margin (map, range))
        read_range (shared, reading->jobs, &pool, range, &error);
    }
  g_mutex_lock (&shared->mutex);
  shared->error = error;
  g_mutex_unlock (&shared->mutex);
  for (guint i = 0; i < reading->jobs->len; i++)
    g_async_queue_push (((LodgeFlashJob *)g_ptr_array_index (reading->jobs, i))->queue,
                        &lodge_flash_last_piece);
  for (int i = 0; i < CHUNKS; i++)
    free (g_async_queue_pop (pool.spare));
  g_async_queue_unref (pool.spare);
  return NULL;
}

static guint64
count_body (const LodgeFlashMap *map)
{
  guint64 bytes = 0;

  for (guint i = 0; i < map->ranges->len; i++)
    {
      const LodgeFlashRange *range = &g_array_index (map->ranges, LodgeFlashRange, i);

      if (!lodge_flash_is_margin (map, range))
        bytes += range->length;
    }
  return bytes;
}

static gboolean
all_ended (GPtrArray *jobs)
{
  for (guint i = 0; i < jobs->len; i++)
    if (((LodgeFlashJob *)g_ptr_array_index (jobs, i))->state.ended == 0)
      return FALSE;
  return TRUE;
}

static void
wait_for_all (LodgeFlashShared *shared, GPtrArray *jobs,
              void (*show) (GPtrArray *jobs, gpointer data), gpointer data)
{
  gboolean ended = FALSE;

  while (!ended)
    {
      g_mutex_lock (&shared->mutex);
      ended = all_ended (jobs);
      if (!ended)
        {
          /* Until time has passed, or one of them has come to another phase. */
          g_cond_wait_until (&shared->changed, &shared->mutex,
                             g_get_monotonic_time () + SHOW_PERIOD);
          ended = all_ended (jobs);
        }
      g_mutex_unlock (&shared->mutex);
      if (show != NULL)
        show (jobs, data);
    }
}

void
lodge_flash_write (const LodgeFlashSource *source, const LodgeFlashMap *map, GPtrArray *jobs,
                   void (*show) (GPtrArray *jobs, gpointer data), gpointer data,
                   GCancellable *cancellable)
{
  LodgeFlashShared shared = { .source = source, .map = map, .cancellable = cancellable };
  const Reading reading = { .shared = &shared, .jobs = jobs };
  guint64 body = count_body (map);
  GThread *reader;

  g_mutex_init (&shared.mutex);
  g_cond_init (&shared.changed);
  for (guint i = 0; i < jobs->len; i++)
    {
      LodgeFlashJob *job = g_ptr_array_index (jobs, i);

      job->shared = &shared;
      job->body = body;
      lodge_flash_job_begin (job, LODGE_FLASH_WRITE, body);
      job->thread = g_thread_new ("flash", lodge_flash_job_run, job);
    }
  reader = g_thread_new ("flash-read", read_image, (gpointer)&reading);
  wait_for_all (&shared, jobs, show, data);
  g_thread_join (reader);
  for (guint i = 0; i < jobs->len; i++)
    {
      LodgeFlashJob *job = g_ptr_array_index (jobs, i);

      g_thread_join (job->thread);
      job->shared = NULL;
    }
  g_clear_error (&shared.error);
  g_cond_clear (&shared.changed);
  g_mutex_clear (&shared.mutex);
}
