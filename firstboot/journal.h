/* The journal of steps: where setup stands, so that a power cut at any instant resumes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Kept in DIRECTORY (/var/lib/lodge): plan.conf (0600) and steps.conf, each replaced whole and
 * fsynced (common/file.h).
 */
#pragma once

#include "firstboot/plan.h"

typedef enum
{
  LODGE_STEP_PENDING,
  LODGE_STEP_STARTED,
  LODGE_STEP_DONE,
  LODGE_STEP_FAILED,
} LodgeStepState;

typedef struct _LodgeJournal LodgeJournal;

/* Opens the journal under DIRECTORY (made when missing).  A file that cannot be parsed is an error
 * that names it; it is never silently started afresh. */
LodgeJournal *lodge_journal_open (const char *directory, GError **error);
void lodge_journal_free (LodgeJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeJournal, lodge_journal_free)

/* The plan of the run that the journal tells of; NULL when none began.  Owned by the journal. */
const LodgePlan *lodge_journal_plan (const LodgeJournal *journal);

/* Begins a new run with PLAN: forgets the steps of the last one. */
gboolean lodge_journal_begin (LodgeJournal *journal, const LodgePlan *plan, GError **error);

LodgeStepState lodge_journal_state (const LodgeJournal *journal, const char *step);
const char *lodge_journal_message (const LodgeJournal *journal, const char *step); /* failure, or NULL */
gint64 lodge_journal_milliseconds (const LodgeJournal *journal, const char *step); /* duration, -1 unknown */

/* Records STATE for STEP and fsyncs.  MESSAGE (or NULL) belongs to a failure; MILLISECONDS (or -1) to
 * a step that ended. */
gboolean lodge_journal_record (LodgeJournal *journal, const char *step, LodgeStepState state,
                               const char *message, gint64 milliseconds, GError **error);

/* All of lodge_steps() are done. */
gboolean lodge_journal_complete (const LodgeJournal *journal);
