/* Looks after an appliance at work.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When QEMU's host has no space for what a guest writes, QEMU stops the guest (werror=enospc) for
 * somebody to make room and go on; libguestfs has nobody who would.  Letting the guest see an error
 * instead would be worse: it writes late, and what it then loses nobody is told.
 */
#include "builder/disk-private.h"
#include "builder/space.h"
#include "common/error.h"

enum
{
  INTERVAL_MILLISECONDS = 500,
  /* What is done takes 5 s, on a busy machine in emulation half a minute. */
  DEADLINE_SECONDS = 900,
  MINIMUM_FREE = 1024 * 1024, /* bytes */
};

struct _LodgeDiskWatch
{
  LodgeAppliance *appliance; /* not owned */
  char *image;
  GThread *thread;
  GMutex mutex; /* for what follows */
  GCond changed;
  gboolean ended;
  GError *failure;
};

/* Fills ERROR when the appliance shall end. */
static gboolean
check (const LodgeDiskWatch *watch, gint64 deadline, GError **error)
{
  guint64 available;

  if (lodge_space_available (watch->image, &available, NULL) && available < MINIMUM_FREE)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "no space is left for %s; free some, or build where there is more",
                            watch->image);
  if (g_get_monotonic_time () > deadline)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "libguestfs' appliance did not finish its work within %d minutes",
                            DEADLINE_SECONDS / 60);
  return TRUE;
}

static gpointer
run_watch (gpointer data)
{
  LodgeDiskWatch *watch = data;
  gint64 deadline = g_get_monotonic_time () + DEADLINE_SECONDS * G_TIME_SPAN_SECOND;

  g_mutex_lock (&watch->mutex);
  while (!watch->ended && check (watch, deadline, &watch->failure))
    g_cond_wait_until (&watch->changed, &watch->mutex,
                       g_get_monotonic_time () + INTERVAL_MILLISECONDS * G_TIME_SPAN_MILLISECOND);
  g_mutex_unlock (&watch->mutex);
  if (watch->failure != NULL)
    lodge_appliance_kill (watch->appliance);
  return NULL;
}

LodgeDiskWatch *
lodge_disk_watch_start (LodgeAppliance *appliance, const char *image)
{
  LodgeDiskWatch *watch = g_new0 (LodgeDiskWatch, 1);

  watch->appliance = appliance;
  watch->image = g_strdup (image);
  g_mutex_init (&watch->mutex);
  g_cond_init (&watch->changed);
  watch->thread = g_thread_new ("disk-watch", run_watch, watch);
  return watch;
}

gboolean
lodge_disk_watch_stop (LodgeDiskWatch *watch, GError **error)
{
  gboolean killed;

  g_mutex_lock (&watch->mutex);
  watch->ended = TRUE;
  g_cond_signal (&watch->changed);
  g_mutex_unlock (&watch->mutex);
  g_thread_join (watch->thread);
  killed = watch->failure != NULL;
  if (killed)
    g_propagate_error (error, watch->failure);
  g_mutex_clear (&watch->mutex);
  g_cond_clear (&watch->changed);
  g_free (watch->image);
  g_free (watch);
  return !killed;
}
