/* How a run of setup ends: its line, its report, the mark that setup is complete.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/apply-private.h"

#include "common/error.h"
#include "common/file.h"
#include "firstboot/i18n.h"
#include "firstboot/outcome.h"

#include <limits.h>
#include <unistd.h>

void
lodge_apply_write_report (LodgeApplySession *session)
{
  g_autoptr (GError) problem = NULL;

  if (session->result->report != NULL && !lodge_report_write (session->result->report, &problem))
    lodge_watcher_tell (session->options->watcher, "the report cannot be written: %s",
                        problem->message);
}

void
lodge_apply_end (LodgeApplySession *session, LodgeApplyOutcome outcome, const char *name,
                 char *line, const GError *error)
{
  LodgeApplyResult *result = session->result;

  result->outcome = outcome;
  g_free (result->line);
  result->line = line;
  if (result->report == NULL)
    return;
  lodge_report_set_outcome (result->report, name, line, session->number,
                            error != NULL ? session->stage : NULL,
                            error != NULL ? error->message : NULL);
  lodge_apply_write_report (session);
}

/* The step failed, as far as the journal and the report go: nobody waits for it to go on. */
static void
record_given_up (LodgeApplySession *session, const GError *error)
{
  g_autofree char *message = g_strdup_printf ("given up by Ctrl-C: %s", error->message);
  g_autoptr (GError) problem = NULL;

  if (session->number < LODGE_STEP_FIRST)
    return;
  lodge_report_set_step (session->result->report, session->number,
                         &session->steps[session->number - LODGE_STEP_FIRST], LODGE_STEP_FAILED, -1,
                         message, NULL);
  if (!lodge_journal_record (session->result->journal, session->stage, LODGE_STEP_FAILED, message,
                             -1, &problem))
    lodge_watcher_tell (session->options->watcher, "the journal cannot be written: %s",
                        problem->message);
}

void
lodge_apply_end_stopped (LodgeApplySession *session, const GError *error)
{
  if (lodge_apply_change_is_given_up (session))
    {
      record_given_up (session, error);
      lodge_apply_end (
          session, LODGE_APPLY_STOPPED, "stopped",
          lodge_outcome_stopped_line (
              session->number, session->stage,
              g_str_equal (session->stage, "network")
                  ? N_ ("the change was given up by Ctrl-C: what this step did was "
                        "taken back, what earlier steps did stays, and no boot goes "
                        "on with it; `lodge-firstboot apply` would")
                  : N_ ("the change was given up by Ctrl-C: what was done of it stays, and no "
                        "boot goes on with it; `lodge-firstboot apply` would")),
          error);
    }
  else if (g_cancellable_is_cancelled (session->options->cancellable))
    lodge_apply_end (
        session, LODGE_APPLY_INTERRUPTED, "interrupted",
        g_strdup_printf (
            "lodge: setup was interrupted at step %u (%s): it goes on at the next boot, "
            "or with `lodge-firstboot apply`",
            session->number, session->stage),
        error);
  else
    lodge_apply_end (session, LODGE_APPLY_STOPPED, "stopped",
                     lodge_outcome_stopped_line (session->number, session->stage, error->message),
                     error);
}

gboolean
lodge_apply_end_complete (LodgeApplySession *session, GError **error)
{
  LodgeApplyResult *result = session->result;
  const char *bridge = lodge_journal_plan (session->result->journal)->answers->bridge;
  g_autoptr (GError) untold = NULL;
  char host[HOST_NAME_MAX + 1] = "";
  g_autofree char *line = NULL;

  gethostname (host, sizeof host - 1);
  result->interface = g_strdup (bridge);
  result->address = lodge_outcome_address (bridge);
  line = lodge_outcome_complete_line (session->result->journal, result->report, host,
                                      result->address);
  lodge_apply_end (session, LODGE_APPLY_COMPLETE, "complete", g_strdup (line), NULL);
  /* Before the mark, as with the power cut between them nobody would be told; and to be told at the
   * next boot, when this is interrupted. */
  lodge_apply_enter (session, LODGE_STEP_FIRST + (guint)session->count - 1, "webhook");
  if (!lodge_apply_tell (session, LODGE_WEBHOOK_COMPLETE, &untold))
    {
      if (!lodge_apply_change_is_given_up (session))
        {
          g_propagate_error (error, g_steal_pointer (&untold));
          return FALSE;
        }
      /* Too late: every step is done.  Only the telling is given up. */
      lodge_watcher_tell (session->options->watcher, "%s", untold->message);
    }
  /* Last: from here on the service does not start again. */
  return lodge_file_replace (LODGE_STATE_DIRECTORY "/" LODGE_COMPLETE_FILE, line, -1, 0600, error);
}

gboolean
lodge_apply_end_again (LodgeApplySession *session, GError **error)
{
  const LodgeProbe probe = { .sysroot = "" };
  g_autoptr (GError) problem = NULL;

  session->facts = lodge_probe_all (&probe, &problem);
  if (session->facts != NULL)
    lodge_report_set_facts (session->result->report, session->facts);
  else
    lodge_watcher_tell (session->options->watcher, "%s", problem->message);
  lodge_apply_report_plan (session);
  return lodge_apply_end_complete (session, error);
}
