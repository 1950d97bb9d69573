/* SIGINT, SIGTERM and SIGHUP, heard by a thread of their own: the main one may be in a foreign
 * library. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

typedef struct _LodgeSignals LodgeSignals;

/* From now on HEARD is called with each of them that comes, never twice at once.  Handlers, not a
 * blocked mask, as a mask would be inherited by every program that is started; and not for a signal
 * that is ignored already, as nohup(1), and shells for what they run in the background, want it. */
LodgeSignals *lodge_signals_new (void (*heard) (int number, gpointer data), gpointer data);

/* They end the process again. */
void lodge_signals_free (LodgeSignals *signals);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeSignals, lodge_signals_free)
