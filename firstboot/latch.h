/* Something that happens once, in another thread, and is waited for with a bound.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

typedef struct
{
  GMutex mutex;
  GCond changed;
  gboolean set;
} LodgeLatch;

static inline void
lodge_latch_init (LodgeLatch *latch)
{
  g_mutex_init (&latch->mutex);
  g_cond_init (&latch->changed);
  latch->set = FALSE;
}

/* Nobody uses it any more. */
static inline void
lodge_latch_clear (LodgeLatch *latch)
{
  g_mutex_clear (&latch->mutex);
  g_cond_clear (&latch->changed);
}

/* It has happened: what was written before is seen by who finds it set. */
static inline void
lodge_latch_set (LodgeLatch *latch)
{
  g_mutex_lock (&latch->mutex);
  latch->set = TRUE;
  g_cond_broadcast (&latch->changed);
  g_mutex_unlock (&latch->mutex);
}

/* Whether it has happened, or does within MILLISECONDS. */
static inline gboolean
lodge_latch_is_set_within (LodgeLatch *latch, guint milliseconds)
{
  gint64 deadline = g_get_monotonic_time () + milliseconds * G_TIME_SPAN_MILLISECOND;
  gboolean set;

  g_mutex_lock (&latch->mutex);
  while (!latch->set && g_cond_wait_until (&latch->changed, &latch->mutex, deadline))
    ;
  set = latch->set;
  g_mutex_unlock (&latch->mutex);
  return set;
}
