/* What a second Ctrl-C has to clean away.  The first one triggers the GCancellable and every part
 * of the program winds up in order; the second one means "now": it kills the children, removes the
 * registered paths and ends the program.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

typedef struct _LodgeInterrupt LodgeInterrupt;

/* Catches the signals from now on (common/signals.h). */
LodgeInterrupt *lodge_interrupt_new (void);
void lodge_interrupt_free (LodgeInterrupt *interrupt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeInterrupt, lodge_interrupt_free)

/* Owned by INTERRUPT. */
GCancellable *lodge_interrupt_cancellable (LodgeInterrupt *interrupt);
/* The first signal that came, 0 when none did. */
int lodge_interrupt_signal (LodgeInterrupt *interrupt);

/* PATH (file or directory, whole) is removed by the second signal, after those that were registered
 * later.  A CANCELLABLE that belongs to
 * no LodgeInterrupt (or NULL) is accepted and nothing happens. */
void lodge_interrupt_clean (GCancellable *cancellable, const char *path);
/* PATH is finished or gone: leave it alone. */
void lodge_interrupt_keep (GCancellable *cancellable, const char *path);

/* Something that begins here cleans up after itself as soon as its processes have been killed, and
 * nobody else can (libguestfs' socket directory, whose name it does not tell): the second signal
 * waits for its end, within a bound.  Each call is answered by one of lodge_interrupt_release(). */
void lodge_interrupt_hold (GCancellable *cancellable);
void lodge_interrupt_release (GCancellable *cancellable);

/* What is registered with TO is registered with FROM: for a GCancellable that stands in for FROM in
 * a part of the work. */
void lodge_interrupt_share (GCancellable *from, GCancellable *to);
