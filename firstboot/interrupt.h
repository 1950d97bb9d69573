/* SIGTERM, SIGINT and SIGHUP as a GCancellable: the step that runs ends early, and the journal says
 * where. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

typedef struct _LodgeInterrupt LodgeInterrupt;

/* From now on the signals trigger the cancellable, whatever the main thread does: steps block in
 * foreign libraries, so a thread of its own listens. */
LodgeInterrupt *lodge_interrupt_new (void);
GCancellable *lodge_interrupt_cancellable (const LodgeInterrupt *interrupt);
/* Whether the signal NUMBER was among those that came.  SIGINT: somebody pressed Ctrl-C, and does
 * not want it done later either. */
gboolean lodge_interrupt_has (const LodgeInterrupt *interrupt, int number);
/* The signals end the process again. */
void lodge_interrupt_free (LodgeInterrupt *interrupt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeInterrupt, lodge_interrupt_free)
