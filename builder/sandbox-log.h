/* A log of what programs in the sandbox say, so that an error can be one sentence and the rest is
 * still to be had.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/sandbox.h"

typedef struct _LodgeSandboxLog LodgeSandboxLog;

/* Begins PATH anew. */
LodgeSandboxLog *lodge_sandbox_log_new (const char *path, GError **error);
void lodge_sandbox_log_free (LodgeSandboxLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeSandboxLog, lodge_sandbox_log_free)

/* lodge_sandbox_run() with its lines written to LOG.  ERROR begins with the first line that speaks
 * of an error, as the last words of dpkg or make only say that there was one, and ends with the
 * log's path.  May be called from several threads at once. */
gboolean lodge_sandbox_log_run (LodgeSandboxLog *log, const LodgeSandbox *sandbox,
                                const char *const *argv, GCancellable *cancellable, GError **error);
/* The same; each line goes to LINE (may be NULL) as well. */
gboolean lodge_sandbox_log_listen (LodgeSandboxLog *log, const LodgeSandbox *sandbox,
                                   const char *const *argv,
                                   void (*line) (const char *text, gpointer data), gpointer data,
                                   GCancellable *cancellable, GError **error);
