/* Runs the steps.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/runner.h"
#include "firstboot/i18n.h"

void
lodge_watcher_tell (const LodgeWatcher *watcher, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list arguments;

  if (watcher == NULL || watcher->tell == NULL)
    return;
  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  watcher->tell (line, watcher->data);
}

static void
tell_watcher (const char *line, gpointer data)
{
  lodge_watcher_tell (data, "%s", line);
}

static guint
last_number (const LodgeRunner *runner)
{
  return LODGE_STEP_FIRST + (guint)runner->count - 1;
}

/* The report only tells: that it cannot be written is no reason to stop, but it is told. */
static void
report_step (const LodgeRunner *runner, gsize index, LodgeStepState state, gint64 milliseconds,
             const char *message, JsonObject *measured)
{
  g_autoptr (GError) problem = NULL;

  lodge_report_set_step (runner->report, LODGE_STEP_FIRST + (guint)index, &runner->steps[index],
                         state, milliseconds, message, measured);
  if (!lodge_report_write (runner->report, &problem))
    lodge_watcher_tell (runner->watcher, "the report cannot be written: %s", problem->message);
}

/* Records that the step ended, for the journal, the report and the watcher.  PROBLEM is why it
 * failed, or NULL. */
static gboolean
end_step (const LodgeRunner *runner, gsize index, gint64 milliseconds, JsonObject *measured,
          const GError *problem, GError **error)
{
  const LodgeStep *step = &runner->steps[index];
  LodgeStepState state = problem == NULL ? LODGE_STEP_DONE : LODGE_STEP_FAILED;
  const char *message = problem != NULL ? problem->message : NULL;

  if (!lodge_journal_record (runner->journal, step->id, state, message, milliseconds, error))
    return FALSE;
  report_step (runner, index, state, milliseconds, message, measured);
  if (runner->watcher != NULL && runner->watcher->step_ends != NULL)
    runner->watcher->step_ends (LODGE_STEP_FIRST + (guint)index, last_number (runner), step, state,
                                milliseconds, runner->watcher->data);
  return TRUE;
}

static gboolean
run_step (const LodgeRunner *runner, gsize index, GError **error)
{
  const LodgeStep *step = &runner->steps[index];
  LodgeStepState before = lodge_journal_state (runner->journal, step->id);
  g_autoptr (JsonObject) measured = json_object_new ();
  LodgeStepContext context = {
    .plan = lodge_journal_plan (runner->journal),
    .cancellable = runner->cancellable,
    .measured = measured,
    .tell = tell_watcher,
    .tell_data = (gpointer)runner->watcher,
    .resumed = before == LODGE_STEP_STARTED || before == LODGE_STEP_FAILED,
    .root = runner->root,
  };
  g_autoptr (GError) problem = NULL;
  g_autoptr (GError) unrecorded = NULL;
  gint64 began = g_get_monotonic_time ();
  gint64 milliseconds;

  if (!lodge_journal_record (runner->journal, step->id, LODGE_STEP_STARTED, NULL, -1, error))
    return FALSE;
  report_step (runner, index, LODGE_STEP_STARTED, -1, NULL, NULL);

  if (!step->run (&context, &problem) && problem == NULL)
    g_set_error (&problem, G_IO_ERROR, G_IO_ERROR_FAILED, N_ ("it failed without saying why"));
  milliseconds = (g_get_monotonic_time () - began) / 1000;

  /* Interrupted is not failed: the step stays started, and the next run resumes it. */
  if (problem != NULL && g_cancellable_is_cancelled (runner->cancellable))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, problem->message);
      return FALSE;
    }

  end_step (runner, index, milliseconds, measured, problem, &unrecorded);
  if (problem == NULL && unrecorded == NULL)
    return TRUE;
  /* The step's own failure is the one to mend first. */
  if (problem != NULL && unrecorded != NULL)
    lodge_watcher_tell (runner->watcher, "the journal cannot be written: %s", unrecorded->message);
  g_propagate_error (error,
                     problem != NULL ? g_steal_pointer (&problem) : g_steal_pointer (&unrecorded));
  return FALSE;
}

gboolean
lodge_runner_run (const LodgeRunner *runner, gsize *stopped, GError **error)
{
  for (gsize i = 0; i < runner->count; i++)
    {
      if (lodge_journal_state (runner->journal, runner->steps[i].id) == LODGE_STEP_DONE)
        continue;
      if (stopped != NULL)
        *stopped = i;
      if (g_cancellable_set_error_if_cancelled (runner->cancellable, error))
        return FALSE;
      if (runner->watcher != NULL && runner->watcher->step_begins != NULL)
        runner->watcher->step_begins (LODGE_STEP_FIRST + (guint)i, last_number (runner),
                                      &runner->steps[i], runner->watcher->data);
      if (!run_step (runner, i, error))
        return FALSE;
    }
  return TRUE;
}
