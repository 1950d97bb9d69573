/* A sign that the first Ctrl-C was heard.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/stop-note.h"

struct _LodgeStopNote
{
  LodgeProgress *progress;
  GCancellable *cancellable;
  gulong handler;
  GThread *thread; /* set once it was cancelled */
};

static gpointer
tell (gpointer data)
{
  LodgeStopNote *note = data;

  lodge_progress_note (note->progress, "stopping and cleaning up; a second signal stops at once");
  return NULL;
}

/* In a thread of its own: this one hears the signals, and a second one must be heard also while
 * nobody reads what is told. */
static void
cancelled (GCancellable *cancellable, gpointer data)
{
  LodgeStopNote *note = data;

  (void)cancellable;
  note->thread = g_thread_new ("stopping", tell, note);
}

LodgeStopNote *
lodge_stop_note_new (LodgeProgress *progress, GCancellable *cancellable)
{
  LodgeStopNote *note = g_new0 (LodgeStopNote, 1);

  note->progress = progress;
  note->cancellable = cancellable;
  if (cancellable != NULL)
    note->handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled), note, NULL);
  return note;
}

void
lodge_stop_note_free (LodgeStopNote *note)
{
  if (note == NULL)
    return;
  /* Waits for cancelled(), if that runs. */
  g_cancellable_disconnect (note->cancellable, note->handler);
  if (note->thread != NULL)
    g_thread_join (note->thread);
  g_free (note);
}
