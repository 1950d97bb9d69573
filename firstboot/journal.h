/* The journal of steps: where setup stands, so that a power cut at any instant resumes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Kept in DIRECTORY (/var/lib/lodge) as one file, journal.conf (0600: the plan holds the password's
 * hash), which is replaced whole and fsynced by every call that changes it (common/file.h).  Plan
 * and states are one file so that no power cut can pair the states of one plan with another plan.
 */
#pragma once

#include "firstboot/plan.h"
#include "firstboot/step.h"

typedef enum
{
  LODGE_STEP_PENDING,
  LODGE_STEP_STARTED,
  LODGE_STEP_DONE,
  LODGE_STEP_FAILED,
} LodgeStepState;

/* "pending", "started", "done", "failed": in the journal, in reports and on screens. */
const char *lodge_step_state_name (LodgeStepState state);

typedef struct _LodgeJournal LodgeJournal;

/* Opens the journal under DIRECTORY.  No file means that no run began; DIRECTORY is made by the
 * first call that writes.  A file that is not whole or cannot be parsed is an error that names it
 * and what to do; it is never silently started afresh. */
LodgeJournal *lodge_journal_open (const char *directory, GError **error);
void lodge_journal_free (LodgeJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeJournal, lodge_journal_free)

/* The plan of the run that the journal tells of; NULL when none began.  Owned by the journal, valid
 * until another run begins. */
const LodgePlan *lodge_journal_plan (const LodgeJournal *journal);

/* What a run begins with: the state of one step. */
typedef struct
{
  const char *step;
  LodgeStepState state;
} LodgeJournalEntry;

/* Begins a run with PLAN: forgets the steps of the last run, except the COUNT states of ENTRIES (of
 * which a step that stays done keeps its duration). */
gboolean lodge_journal_begin (LodgeJournal *journal, const LodgePlan *plan,
                              const LodgeJournalEntry *entries, gsize count, GError **error);

LodgeStepState lodge_journal_state (const LodgeJournal *journal, const char *step);
/* Why the step failed, or NULL. */
const char *lodge_journal_message (const LodgeJournal *journal, const char *step);
/* How long it took, -1 when unknown. */
gint64 lodge_journal_milliseconds (const LodgeJournal *journal, const char *step);

/* Records STATE for STEP and fsyncs.  MESSAGE (or NULL) belongs to a failure; MILLISECONDS (or -1)
 * to a step that ended.  On failure the journal is as it was. */
gboolean lodge_journal_record (LodgeJournal *journal, const char *step, LodgeStepState state,
                               const char *message, gint64 milliseconds, GError **error);

/* A run began and all COUNT steps of STEPS are done. */
gboolean lodge_journal_complete (const LodgeJournal *journal, const LodgeStep *steps, gsize count);
