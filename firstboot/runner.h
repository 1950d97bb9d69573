/* Runs the steps of a begun run: journal, report, resume.  The wizard and the unattended mode both
 * end here. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/journal.h"
#include "firstboot/report.h"

/* Who is told of the progress; any function may be NULL. */
typedef struct
{
  void (*step_begins) (guint number, guint last, const LodgeStep *step, gpointer data);
  void (*step_ends) (guint number, guint last, const LodgeStep *step, LodgeStepState state,
                     gint64 milliseconds, gpointer data);
  /* One short line of a step (or of the runner) that is worth showing. */
  void (*tell) (const char *line, gpointer data);
  gpointer data;
} LodgeWatcher;

void lodge_watcher_tell (const LodgeWatcher *watcher, const char *format, ...) G_GNUC_PRINTF (2, 3);

typedef struct
{
  const LodgeStep *steps;
  gsize count;
  LodgeJournal *journal; /* its run was begun: it has a plan */
  LodgeReport *report;
  const char *root; /* as in LodgeStepContext */
  GCancellable *cancellable;
  const LodgeWatcher *watcher;
} LodgeRunner;

/* Runs in order every step that the journal does not call done.  A step that fails is recorded and
 * ends the run: FALSE, ERROR is the step's own, *STOPPED (or NULL) its index in the table.  A run
 * that was cancelled leaves its step as started and returns G_IO_ERROR_CANCELLED.  Running again
 * goes on where it stopped. */
gboolean lodge_runner_run (const LodgeRunner *runner, gsize *stopped, GError **error);
