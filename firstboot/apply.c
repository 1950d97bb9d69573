/* Setup from answers to host: the list of what happens, in order.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/apply-private.h"

#include "common/error.h"
#include "common/file.h"
#include "common/run.h"
#include "firstboot/begin.h"
#include "firstboot/confirmed-disks.h"
#include "firstboot/http.h"
#include "firstboot/i18n.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Disks and ports that the kernel has found are waited for until udev has named them. */
#define SETTLE_SECONDS "60"
/* How long a DHCP lease may take before the plan looks for a free NAT network without it. */
#define NETWORK_SECONDS 30
#define LINE_LIMIT 65536

void
lodge_apply_result_clear (LodgeApplyResult *result)
{
  g_clear_pointer (&result->line, g_free);
  g_clear_pointer (&result->interface, g_free);
  g_clear_pointer (&result->address, g_free);
  g_clear_pointer (&result->answers, lodge_answers_free);
  g_clear_pointer (&result->journal, lodge_journal_free);
  g_clear_pointer (&result->report, lodge_report_free);
}

const LodgeAnswers *
lodge_apply_answers (const LodgeApplyResult *result)
{
  const LodgePlan *plan = result->journal != NULL ? lodge_journal_plan (result->journal) : NULL;

  if (result->answers != NULL)
    return result->answers;
  return plan != NULL ? plan->answers : NULL;
}

void
lodge_apply_enter (LodgeApplySession *session, guint number, const char *stage)
{
  session->number = number;
  session->stage = stage;
}

/* --- stages --- */

/* Root's alone: the journal holds the password's hash. */
static gboolean
open_state (LodgeApplySession *session, GError **error)
{
  const LodgeProbe probe = { .sysroot = "" };
  g_autoptr (LodgeHost) host = lodge_probe_host (&probe, error);

  if (host == NULL)
    return FALSE;
  if (g_mkdir_with_parents (LODGE_STATE_DIRECTORY, 0700) == -1
      || chmod (LODGE_STATE_DIRECTORY, 0700) == -1)
    return lodge_error_set_errno (error, errno, "make " LODGE_STATE_DIRECTORY);
  session->result->report = lodge_report_open (LODGE_STATE_DIRECTORY);
  /* Whoever is told of a failure, however early, is told whose it is. */
  lodge_report_set_host (session->result->report, host);
  session->result->journal = lodge_journal_open (LODGE_STATE_DIRECTORY, error);
  return session->result->journal != NULL;
}

/* Answers that cannot be fetched do not stop a run that began with them; answers that are wrong do,
 * as somebody has changed them and wants to know. */
static gboolean
find_answers (LodgeApplySession *session, gboolean *off, gboolean *withdrawn, GError **error)
{
  const LodgeApplyOptions *options = session->options;
  const LodgePlan *recorded = lodge_journal_plan (session->result->journal);
  g_autoptr (GError) problem = NULL;

  session->result->answers = lodge_apply_find_answers ("", options->answers, options->cancellable,
                                                       options->watcher, off, &problem);
  if (problem == NULL)
    {
      *withdrawn = session->result->answers == NULL && !*off
                   && lodge_begin_is_withdrawn (session->result->journal);
      return TRUE;
    }
  if (recorded == NULL || options->answers != NULL
      || g_error_matches (problem, LODGE_ERROR, LODGE_ERROR_USAGE)
      || g_cancellable_is_cancelled (options->cancellable))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  lodge_watcher_tell (options->watcher, "going on with the recorded plan: %s", problem->message);
  return TRUE;
}

static gboolean
goes_without_kvm (const LodgeApplySession *session)
{
  const LodgePlan *recorded = lodge_journal_plan (session->result->journal);

  return session->options->without_kvm || (recorded != NULL && !recorded->kvm);
}

gboolean
lodge_apply_find_facts (LodgeApplySession *session, GError **error)
{
  static const char *const settle[] = { "udevadm", "settle", "--timeout=" SETTLE_SECONDS, NULL };
  const LodgeProbe probe = { .sysroot = "" };
  g_autoptr (GError) problem = NULL;
  g_autofree char *output = lodge_run (settle, NULL, session->options->cancellable, &problem);

  if (output == NULL)
    lodge_watcher_tell (session->options->watcher, "%s", problem->message);
  /* The plan keeps clear of the networks that are in use, and DHCP is what brings them. */
  if (lodge_journal_plan (session->result->journal) == NULL
      && !lodge_http_wait_for_network (NETWORK_SECONDS, session->options->cancellable))
    lodge_watcher_tell (session->options->watcher, "no network has come up within %d s",
                        NETWORK_SECONDS);
  if (g_cancellable_set_error_if_cancelled (session->options->cancellable, error))
    return FALSE;
  session->facts = lodge_probe_all (&probe, error);
  if (session->facts == NULL)
    return FALSE;
  lodge_report_set_facts (session->result->report, session->facts);
  /* A host that is set up runs, whatever a check says of it. */
  if (session->options->reconfigure)
    return TRUE;
  return goes_without_kvm (session) || lodge_apply_require_checks (session->facts, error);
}

static gboolean
make_plan (LodgeApplySession *session, GError **error)
{
  g_autofree char *seed = lodge_apply_seed ("", error);
  LodgeBeginning beginning = {
    .facts = session->facts,
    .answers = session->result->answers,
    .answers_given = session->options->answers != NULL,
    .seed = seed,
    .new_plan = session->options->new_plan,
    .steps = session->steps,
    .count = session->count,
    .root = "",
  };

  /* The plan takes its disks from the same look at the machine. */
  if (session->options->disks != NULL
      && !lodge_confirmed_disks_check (session->options->disks, session->facts->disks, error))
    return FALSE;
  if (seed == NULL || !lodge_begin (session->result->journal, &beginning, error))
    return FALSE;
  lodge_apply_report_plan (session);
  return TRUE;
}

void
lodge_apply_report_plan (LodgeApplySession *session)
{
  LodgeReport *report = session->result->report;

  lodge_report_set_plan (report, lodge_journal_plan (session->result->journal));
  for (gsize i = 0; i < session->count; i++)
    {
      LodgeStepState state = lodge_journal_state (session->result->journal, session->steps[i].id);

      if (state != LODGE_STEP_DONE)
        lodge_report_set_step (report, LODGE_STEP_FIRST + (guint)i, &session->steps[i], state, -1,
                               NULL, NULL);
    }
  lodge_apply_write_report (session);
}

static gboolean
run_steps (LodgeApplySession *session, GError **error)
{
  LodgeRunner runner = {
    .steps = session->steps,
    .count = session->count,
    .journal = session->result->journal,
    .report = session->result->report,
    .root = "",
    .cancellable = session->options->cancellable,
    .watcher = session->options->watcher,
  };
  gsize stopped = 0;
  gboolean done = lodge_runner_run (&runner, &stopped, error);

  lodge_apply_enter (session, LODGE_STEP_FIRST + (guint)stopped, session->steps[stopped].id);
  return done;
}

/* Setup had ended before this run: nothing is touched, not even the report. */
static gboolean
already_complete (LodgeApplySession *session, GError **error)
{
  const LodgeApplyOptions *options = session->options;
  const LodgePlan *plan = lodge_journal_plan (session->result->journal);
  g_autoptr (LodgeAnswers) answers = NULL;
  gboolean off;

  session->result->again = TRUE;
  session->result->outcome = LODGE_APPLY_COMPLETE;
  session->result->line
      = lodge_file_read (LODGE_STATE_DIRECTORY "/" LODGE_COMPLETE_FILE, LINE_LIMIT, NULL, error);
  if (session->result->line == NULL)
    return FALSE;
  if (options->answers == NULL && !options->new_plan)
    return TRUE;
  if (options->answers != NULL)
    {
      answers = lodge_apply_find_answers ("", options->answers, options->cancellable,
                                          options->watcher, &off, error);
      if (answers == NULL)
        return FALSE;
      if (!options->new_plan && lodge_begin_same_answers (plan, answers))
        return TRUE;
    }
  return lodge_error_set (
      error, LODGE_ERROR_REFUSED,
      N_ ("this host is set up already, and other answers are not applied over it: "
          "change it with `lodge-firstboot --reconfigure`, or its own tools"));
}

gboolean
lodge_apply_run (LodgeApplySession *session, GError **error)
{
  return lodge_apply_tell (session, LODGE_WEBHOOK_STARTED, error) && run_steps (session, error)
         && lodge_apply_end_complete (session, error);
}

static gboolean
run_session (LodgeApplySession *session, GError **error)
{
  gboolean off = FALSE;
  gboolean withdrawn = FALSE;

  lodge_apply_enter (session, LODGE_STEP_ANSWERS, "answers");
  if (!open_state (session, error))
    return FALSE;
  session->resumed
      = !session->options->reconfigure && lodge_journal_plan (session->result->journal) != NULL;
  lodge_report_set_resumed (session->result->report, session->resumed);
  if (session->options->reconfigure)
    return lodge_apply_change (session, error);
  if (lodge_apply_change_is_open (session))
    return lodge_apply_change (session, error);
  if (lodge_journal_complete (session->result->journal, session->steps, session->count))
    {
      if (g_file_test (LODGE_STATE_DIRECTORY "/" LODGE_COMPLETE_FILE, G_FILE_TEST_EXISTS))
        return already_complete (session, error);
      /* The power was cut between the last step and the mark. */
      return lodge_apply_end_again (session, error);
    }
  if (!find_answers (session, &off, &withdrawn, error))
    return FALSE;
  if (off)
    {
      lodge_apply_end (
          session, LODGE_APPLY_OFF, "waiting",
          g_strdup ("lodge: setup is turned off by lodge.answers=off on the kernel command line"),
          NULL);
      return TRUE;
    }
  if (withdrawn)
    {
      lodge_apply_end (
          session, LODGE_APPLY_WAITING, "waiting",
          g_strdup ("lodge: setup waits for answers: those that it began with were taken away "
                    "before any disk was touched"),
          NULL);
      return TRUE;
    }
  if (session->result->answers == NULL && lodge_journal_plan (session->result->journal) == NULL)
    {
      lodge_apply_end (session, LODGE_APPLY_WAITING, "waiting",
                       g_strdup ("lodge: setup waits for answers"), NULL);
      return TRUE;
    }

  lodge_apply_enter (session, LODGE_STEP_CHECK, "check");
  if (!lodge_apply_find_facts (session, error))
    return FALSE;
  lodge_apply_enter (session, LODGE_STEP_PLAN, "plan");
  return make_plan (session, error) && lodge_apply_run (session, error);
}

gboolean
lodge_apply (const LodgeApplyOptions *options, LodgeApplyResult *result, GError **error)
{
  LodgeApplySession session = { .options = options, .result = result };
  g_autoptr (GError) problem = NULL;
  gboolean done;

  session.steps = lodge_steps (&session.count);
  done = run_session (&session, &problem);
  g_clear_pointer (&session.facts, lodge_facts_free);
  if (done)
    return TRUE;
  if (result->again)
    result->outcome = LODGE_APPLY_STOPPED;
  else
    lodge_apply_end_stopped (&session, problem);
  lodge_apply_change_stopped (&session);
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}
