/* Two tasks at the same time.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

typedef gboolean (*LodgeTask) (gpointer data, GError **error);

/* Runs TASK in this thread and BESIDE in another, both with DATA, and waits for both.  When one
 * fails CANCELLABLE, which both have to heed, is triggered, as nobody needs the other's result.
 * ERROR is what failed first, not what was cancelled for it. */
gboolean lodge_run_beside (LodgeTask task, LodgeTask beside, gpointer data,
                           GCancellable *cancellable, GError **error);
