/* Writing one image to several disks at once: the reader, and who waits for all.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-write.h"

#include "builder/flash-job.h"

enum
{
  SHOW_PERIOD = 100 * 1000, /* microseconds */
};

static gpointer
read_image (gpointer data)
{
  LodgeFlashShared *shared = data;
  GError *error = NULL;

  lodge_flash_feed_read (shared->feed, shared->cancellable, &error);
  g_mutex_lock (&shared->mutex);
  shared->error = error;
  g_mutex_unlock (&shared->mutex);
  lodge_flash_feed_end (shared->feed);
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
  LodgeFlashShared shared = { .map = map, .cancellable = cancellable };
  guint64 body = count_body (map);
  GThread *reader;

  g_mutex_init (&shared.mutex);
  g_cond_init (&shared.changed);
  shared.feed = lodge_flash_feed_new (source, map);
  for (guint i = 0; i < jobs->len; i++)
    {
      LodgeFlashJob *job = g_ptr_array_index (jobs, i);

      job->shared = &shared;
      job->body = body;
      job->taker = lodge_flash_feed_add (shared.feed, job->device->buffer);
      lodge_flash_job_begin (job, LODGE_FLASH_WRITE, body);
    }
  for (guint i = 0; i < jobs->len; i++)
    {
      LodgeFlashJob *job = g_ptr_array_index (jobs, i);

      job->thread = g_thread_new ("flash", lodge_flash_job_run, job);
    }
  reader = g_thread_new ("flash-read", read_image, &shared);
  wait_for_all (&shared, jobs, show, data);
  g_thread_join (reader);
  for (guint i = 0; i < jobs->len; i++)
    {
      LodgeFlashJob *job = g_ptr_array_index (jobs, i);

      g_thread_join (job->thread);
      job->shared = NULL;
    }
  lodge_flash_feed_free (shared.feed);
  g_clear_error (&shared.error);
  g_cond_clear (&shared.changed);
  g_mutex_clear (&shared.mutex);
}
