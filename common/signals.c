/* Signals, heard by a thread of their own.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/signals.h"

#include <glib-unix.h>
#include <signal.h>

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

typedef struct
{
  LodgeSignals *signals;
  int number;
} Listener;

struct _LodgeSignals
{
  void (*heard) (int number, gpointer data);
  gpointer data;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  Listener listeners[G_N_ELEMENTS (numbers)];
};

/* Calls FUNCTION from the thread's loop. */
static void
add_call (LodgeSignals *signals, GSourceFunc function, gpointer data)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, function, data, NULL);
  g_source_attach (source, signals->context);
}

static gboolean
tell (gpointer data)
{
  const Listener *listener = data;

  listener->signals->heard (listener->number, listener->signals->data);
  return G_SOURCE_REMOVE;
}

/* Not told from here: until this has returned GLib forgets the same signal, and who sees what the
 * first one did may send a second. */
static gboolean
on_signal (gpointer data)
{
  const Listener *listener = data;

  add_call (listener->signals, tell, data);
  return G_SOURCE_CONTINUE;
}

static gpointer
listen (gpointer data)
{
  LodgeSignals *signals = data;

  g_main_context_push_thread_default (signals->context);
  g_main_loop_run (signals->loop);
  g_main_context_pop_thread_default (signals->context);
  return NULL;
}

LodgeSignals *
lodge_signals_new (void (*heard) (int number, gpointer data), gpointer data)
{
  LodgeSignals *signals = g_new0 (LodgeSignals, 1);

  signals->heard = heard;
  signals->data = data;
  signals->context = g_main_context_new ();
  signals->loop = g_main_loop_new (signals->context, FALSE);
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      struct sigaction present;
      g_autoptr (GSource) source = NULL;

      signals->listeners[i] = (Listener){ .signals = signals, .number = numbers[i] };
      if (sigaction (numbers[i], NULL, &present) == 0 && present.sa_handler == SIG_IGN)
        continue;
      source = g_unix_signal_source_new (numbers[i]);
      g_source_set_callback (source, on_signal, &signals->listeners[i], NULL);
      g_source_attach (source, signals->context);
    }
  signals->thread = g_thread_new ("signals", listen, signals);
  return signals;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
lodge_signals_free (LodgeSignals *signals)
{
  if (signals == NULL)
    return;
  /* By the loop itself: g_main_loop_quit() before the thread has begun to run it would be
   * forgotten. */
  add_call (signals, quit, signals->loop);
  g_thread_join (signals->thread);
  g_main_loop_unref (signals->loop);
  g_main_context_unref (signals->context);
  g_free (signals);
}
