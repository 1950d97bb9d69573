/* Work in a thread of its own that nobody has to wait for: a disk that does not answer holds up
 * whoever reads it, for minutes or for ever, and the kernel lets nobody go.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* What is done with DATA; to be ended soon once CANCELLABLE is cancelled. */
typedef void LodgeBackgroundWork (gpointer data, GCancellable *cancellable);

typedef struct _LodgeBackground LodgeBackground;

/* Begins WORK with DATA, of which it must be the only owner: until it is done the caller does not
 * look at it, and FREE ends it when the work is done and was dropped. */
LodgeBackground *lodge_background_start (LodgeBackgroundWork *work, gpointer data,
                                         GDestroyNotify free);

/* Whether it is done, or is within MILLISECONDS. */
gboolean lodge_background_is_done (LodgeBackground *background, guint milliseconds);

/* The DATA of one that is done, which stays its own. */
gpointer lodge_background_data (LodgeBackground *background);

/* Cancels it if it is not done: nobody waits for it any more.  What can end has a second to do so,
 * and does not reach into what comes next; all else goes on by itself. */
void lodge_background_drop (LodgeBackground *background);
