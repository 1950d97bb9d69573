/* What setup (apply.c) and a change (apply-change.c) have in common.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/apply.h"

typedef struct
{
  const LodgeApplyOptions *options;
  LodgeApplyResult *result;
  LodgeFacts *facts;
  const LodgeStep *steps;
  gsize count;
  guint number; /* where it is: for "stopped at step N (name)" */
  const char *stage;
  gboolean resumed;    /* a run that began before this one goes on */
  gboolean has_change; /* this run began a change or went on with one */
} LodgeApplySession;

/* From now on it is at the step NUMBER, which is called STAGE. */
void lodge_apply_enter (LodgeApplySession *session, guint number, const char *stage);

/* Fills the session's facts, when udev has named what the kernel found. */
gboolean lodge_apply_find_facts (LodgeApplySession *session, GError **error);

/* Tells the report of the journal's plan and of the steps that it takes. */
void lodge_apply_report_plan (LodgeApplySession *session);

/* Runs the steps that are not done, to the line that setup is complete and the mark of it. */
gboolean lodge_apply_run (LodgeApplySession *session, GError **error);

/* --- apply-end.c --- */

/* Writes the report, where there is one; that it cannot be written is told, and is no failure. */
void lodge_apply_write_report (LodgeApplySession *session);

/* The run ends with OUTCOME, NAME in the report, and LINE (taken over); ERROR: why, or NULL. */
void lodge_apply_end (LodgeApplySession *session, LodgeApplyOutcome outcome, const char *name,
                      char *line, const GError *error);

/* The same for a run that ERROR has stopped, be it a failure, Ctrl-C, or a change given up. */
void lodge_apply_end_stopped (LodgeApplySession *session, const GError *error);

/* All steps are done: tells the webhook, and marks setup as complete. */
gboolean lodge_apply_end_complete (LodgeApplySession *session, GError **error);

/* The steps are done, and nobody knows: the power was cut before the mark, and the report of that
 * run has gone with it. */
gboolean lodge_apply_end_again (LodgeApplySession *session, GError **error);

/* --- apply-webhook.c --- */

/* Tells the webhook, if there is one, of EVENT of this run.  FALSE only when it was cancelled. */
gboolean lodge_apply_tell (const LodgeApplySession *session, LodgeWebhookEvent event,
                           GError **error);

/* --- apply-change.c --- */

/* Whether the journal's plan is a change that did not end. */
gboolean lodge_apply_change_is_open (const LodgeApplySession *session);

/* Changes the host as the options say, or goes on with a change that did not end. */
gboolean lodge_apply_change (LodgeApplySession *session, GError **error);

/* Whether this run has a change, and Ctrl-C ended it. */
gboolean lodge_apply_change_is_given_up (const LodgeApplySession *session);

/* After a change that did not come to its end: the host is a set-up one all the same, as it was
 * before.  Without effect after setup, and when this run was
 * refused: a change that was interrupted before it still goes on. */
void lodge_apply_change_stopped (LodgeApplySession *session);
