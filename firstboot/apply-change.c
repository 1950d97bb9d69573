/* Changes a host that is set up: present -> answers -> plan of what differs -> its steps.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * While it runs the mark of a finished setup has another name, so that after a power cut the next
 * boot goes on with the change; it is put back however the change ends.
 */
#include "firstboot/apply-private.h"

#include "common/error.h"
#include "common/file.h"
#include "firstboot/begin.h"
#include "firstboot/change.h"
#include "firstboot/guest-networks.h"
#include "firstboot/i18n.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define MARK LODGE_STATE_DIRECTORY "/" LODGE_COMPLETE_FILE
#define MARK_ASIDE LODGE_STATE_DIRECTORY "/" LODGE_CHANGING_FILE

gboolean
lodge_apply_change_is_open (const LodgeApplySession *session)
{
  const LodgePlan *plan = lodge_journal_plan (session->result->journal);

  return plan != NULL && plan->steps != NULL
         && !lodge_journal_complete (session->result->journal, session->steps, session->count);
}

static gboolean
rename_mark (const char *from, const char *to, GError **error)
{
  if (rename (from, to) == -1 && errno != ENOENT)
    return lodge_error_set_errno (error, errno, "rename %s", from);
  return lodge_file_sync_directory (to, error);
}

static LodgePlan *
make_plan (LodgeApplySession *session, GError **error)
{
  const LodgeApplyOptions *options = session->options;
  g_autoptr (LodgePresent) present = lodge_present_read ("", error);

  if (present == NULL)
    return NULL;
  session->result->answers = lodge_change_load ("", options->answers, present, error);
  if (session->result->answers == NULL)
    return NULL;
  lodge_apply_enter (session, LODGE_STEP_CHECK, "check");
  if (!lodge_apply_find_facts (session, error))
    return NULL;
  lodge_apply_enter (session, LODGE_STEP_PLAN, "plan");
  return lodge_change_plan (session->facts, present, session->result->answers, error);
}

/* What would stop a later step stops the change before its first one, which may be the network. */
static gboolean
check_guests (const LodgeApplySession *session, const LodgePlan *plan, GError **error)
{
  g_autoptr (virConnect) connection = NULL;

  if (!lodge_plan_takes (plan, "guest-networks"))
    return TRUE;
  connection = lodge_libvirt_open (session->options->cancellable, error);
  if (connection != NULL && lodge_guest_networks_check (connection, plan, error))
    return TRUE;
  g_prefix_error (error, N_ ("nothing was changed: "));
  return FALSE;
}

/* The journal goes first: with the power cut after it the host still counts as complete, and no
 * boot begins what is in the journal.  The other way round, a boot would find a former change there
 * that was given up, and go on with that. */
static gboolean
begin (LodgeApplySession *session, const LodgePlan *plan, GError **error)
{
  /* A change before this one may have left the mark aside, and still has it when this begins not.
   */
  session->has_change = g_file_test (MARK, G_FILE_TEST_EXISTS);
  if (!lodge_begin_change (session->result->journal, plan, session->steps, session->count, error)
      || !rename_mark (MARK, MARK_ASIDE, error))
    return FALSE;
  session->has_change = TRUE;
  return TRUE;
}

static gboolean
begin_new (LodgeApplySession *session, gboolean *unchanged, GError **error)
{
  g_autoptr (LodgePlan) plan = NULL;

  /* Until it begins nothing is touched, not even the report. */
  session->result->again = TRUE;
  if (session->options->answers == NULL)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            N_ ("a change needs the answers to change to: --answers FILE"));
  plan = make_plan (session, error);
  if (plan == NULL)
    return FALSE;
  *unchanged = plan->steps[0] == NULL && !lodge_apply_change_is_open (session);
  if (*unchanged)
    return TRUE;
  if (!check_guests (session, plan, error))
    return FALSE;
  /* A change that had stopped is given up: recorded as one of no steps, it is not tried again. */
  if (plan->steps[0] == NULL)
    lodge_watcher_tell (session->options->watcher, "nothing to change");
  session->result->again = FALSE;
  return begin (session, plan, error);
}

/* A change that did not end goes on with its recorded plan: it asks no source for answers. */
static gboolean
go_on (LodgeApplySession *session, GError **error)
{
  const LodgeApplyOptions *options = session->options;

  if (options->answers != NULL || options->new_plan)
    {
      session->result->again = TRUE;
      return lodge_error_set (
          error, LODGE_ERROR_REFUSED,
          N_ ("a change of this host has not ended: go on with `lodge-firstboot "
              "apply`, or give other answers with --reconfigure"));
    }
  session->has_change = TRUE;
  return rename_mark (MARK, MARK_ASIDE, error);
}

gboolean
lodge_apply_change (LodgeApplySession *session, GError **error)
{
  gboolean unchanged = FALSE;

  if (!(session->options->reconfigure ? begin_new (session, &unchanged, error)
                                      : go_on (session, error)))
    return FALSE;
  if (unchanged)
    {
      session->result->outcome = LODGE_APPLY_COMPLETE;
      session->result->line = g_strdup ("lodge: nothing to change");
      return TRUE;
    }
  lodge_apply_report_plan (session);
  if (!lodge_apply_run (session, error))
    return FALSE;
  unlink (MARK_ASIDE);
  return TRUE;
}

gboolean
lodge_apply_change_is_given_up (const LodgeApplySession *session)
{
  return session->has_change && session->options->interrupt != NULL
         && lodge_interrupt_has (session->options->interrupt, SIGINT);
}

void
lodge_apply_change_stopped (LodgeApplySession *session)
{
  g_autoptr (GError) problem = NULL;

  /* What was interrupted goes on at the next boot: now, or before a run that was refused. */
  if (!session->has_change
      || (g_cancellable_is_cancelled (session->options->cancellable)
          && !lodge_apply_change_is_given_up (session))
      || !g_file_test (MARK_ASIDE, G_FILE_TEST_EXISTS))
    return;
  if (!rename_mark (MARK_ASIDE, MARK, &problem))
    lodge_watcher_tell (session->options->watcher, "%s", problem->message);
}
