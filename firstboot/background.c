/* Work in a thread of its own that nobody has to wait for.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/background.h"

#define END_MILLISECONDS 1000

/* Shared by who waits and the thread: either may be the last. */
struct _LodgeBackground
{
  gatomicrefcount references;
  LodgeBackgroundWork *work;
  gpointer data;
  GDestroyNotify free;
  GCancellable *cancellable;
  GMutex mutex;
  GCond changed;
  gboolean done;
};

static void
let_go (LodgeBackground *background)
{
  if (!g_atomic_ref_count_dec (&background->references))
    return;
  background->free (background->data);
  g_object_unref (background->cancellable);
  g_mutex_clear (&background->mutex);
  g_cond_clear (&background->changed);
  g_free (background);
}

static gpointer
do_work (gpointer data)
{
  LodgeBackground *background = data;

  background->work (background->data, background->cancellable);
  g_mutex_lock (&background->mutex);
  background->done = TRUE;
  g_cond_broadcast (&background->changed);
  g_mutex_unlock (&background->mutex);
  let_go (background);
  return NULL;
}

LodgeBackground *
lodge_background_start (LodgeBackgroundWork *work, gpointer data, GDestroyNotify free)
{
  LodgeBackground *background = g_new0 (LodgeBackground, 1);

  g_atomic_ref_count_init (&background->references);
  g_atomic_ref_count_inc (&background->references);
  background->work = work;
  background->data = data;
  background->free = free;
  background->cancellable = g_cancellable_new ();
  g_mutex_init (&background->mutex);
  g_cond_init (&background->changed);
  g_thread_unref (g_thread_new ("background", do_work, background));
  return background;
}

gboolean
lodge_background_is_done (LodgeBackground *background, guint milliseconds)
{
  gint64 deadline = g_get_monotonic_time () + milliseconds * G_TIME_SPAN_MILLISECOND;
  gboolean done;

  g_mutex_lock (&background->mutex);
  while (!background->done
         && g_cond_wait_until (&background->changed, &background->mutex, deadline))
    ;
  done = background->done;
  g_mutex_unlock (&background->mutex);
  return done;
}

gpointer
lodge_background_data (LodgeBackground *background)
{
  return background->data;
}

void
lodge_background_drop (LodgeBackground *background)
{
  g_cancellable_cancel (background->cancellable);
  lodge_background_is_done (background, END_MILLISECONDS);
  let_go (background);
}
