/* Signals as a GCancellable.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/interrupt.h"

#include "common/signals.h"

struct _LodgeInterrupt
{
  GCancellable *cancellable;
  guint numbers; /* 1 << number of those that came; atomic */
  LodgeSignals *signals;
};

static void
heard (int number, gpointer data)
{
  LodgeInterrupt *interrupt = data;

  /* First: who sees it cancelled asks why. */
  g_atomic_int_or (&interrupt->numbers, 1U << number);
  g_cancellable_cancel (interrupt->cancellable);
}

LodgeInterrupt *
lodge_interrupt_new (void)
{
  LodgeInterrupt *interrupt = g_new0 (LodgeInterrupt, 1);

  interrupt->cancellable = g_cancellable_new ();
  interrupt->signals = lodge_signals_new (heard, interrupt);
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
  return (g_atomic_int_get (&interrupt->numbers) & 1U << number) != 0;
}

void
lodge_interrupt_free (LodgeInterrupt *interrupt)
{
  if (interrupt == NULL)
    return;
  lodge_signals_free (interrupt->signals);
  g_object_unref (interrupt->cancellable);
  g_free (interrupt);
}
