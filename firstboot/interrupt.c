/* Signals as a GCancellable.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/interrupt.h"

#include <glib-unix.h>
#include <signal.h>

struct _LodgeInterrupt
{
  GCancellable *cancellable;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  guint signals; /* 1 << number of those that came; atomic */
};

static gboolean
trigger (LodgeInterrupt *interrupt, int number)
{
  /* First: who sees it cancelled asks why. */
  g_atomic_int_or (&interrupt->signals, 1U << number);
  g_cancellable_cancel (interrupt->cancellable);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_term (gpointer data)
{
  return trigger (data, SIGTERM);
}

static gboolean
on_int (gpointer data)
{
  return trigger (data, SIGINT);
}

static gboolean
on_hup (gpointer data)
{
  return trigger (data, SIGHUP);
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static gpointer
listen (gpointer data)
{
  LodgeInterrupt *interrupt = data;

  g_main_context_push_thread_default (interrupt->context);
  g_main_loop_run (interrupt->loop);
  g_main_context_pop_thread_default (interrupt->context);
  return NULL;
}

LodgeInterrupt *
lodge_interrupt_new (void)
{
  static const struct
  {
    int number;
    GSourceFunc call;
  } signals[] = { { SIGTERM, on_term }, { SIGINT, on_int }, { SIGHUP, on_hup } };
  LodgeInterrupt *interrupt = g_new0 (LodgeInterrupt, 1);

  interrupt->cancellable = g_cancellable_new ();
  interrupt->context = g_main_context_new ();
  interrupt->loop = g_main_loop_new (interrupt->context, FALSE);
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autoptr (GSource) source = g_unix_signal_source_new (signals[i].number);

      g_source_set_callback (source, signals[i].call, interrupt, NULL);
      g_source_attach (source, interrupt->context);
    }
  interrupt->thread = g_thread_new ("signals", listen, interrupt);
  return interrupt;
}

GCancellable *
lodge_interrupt_cancellable (const LodgeInterrupt *interrupt)
{
  return interrupt->cancellable;
}

gboolean
lodge_interrupt_has (const LodgeInterrupt *interrupt, int number)
{
  return (g_atomic_int_get (&interrupt->signals) & 1U << number) != 0;
}

void
lodge_interrupt_free (LodgeInterrupt *interrupt)
{
  g_autoptr (GSource) source = NULL;

  if (interrupt == NULL)
    return;
  /* As a source and not by g_main_context_invoke(), which calls at once, and too early, when the
   * thread does not run the loop yet. */
  source = g_idle_source_new ();
  g_source_set_callback (source, quit, interrupt->loop, NULL);
  g_source_attach (source, interrupt->context);
  g_thread_join (interrupt->thread);
  g_main_loop_unref (interrupt->loop);
  g_main_context_unref (interrupt->context);
  g_object_unref (interrupt->cancellable);
  g_free (interrupt);
}
