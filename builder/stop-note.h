/* A sign that the first Ctrl-C was heard, while the work winds up.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include "builder/progress.h"

typedef struct _LodgeStopNote LodgeStopNote;

/* From now on PROGRESS gets a note as soon as CANCELLABLE, which may be NULL, is cancelled.  Both
 * outlive it. */
LodgeStopNote *lodge_stop_note_new (LodgeProgress *progress, GCancellable *cancellable);
void lodge_stop_note_free (LodgeStopNote *note);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeStopNote, lodge_stop_note_free)
