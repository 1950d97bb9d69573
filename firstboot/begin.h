/* Which plan a run goes by: a new one, the recorded one, or one remade for changed answers.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   no run recorded                         plan, begin
 *   recorded, no answers or the same ones   go on with the recorded plan
 *   recorded, other answers                 lodge_plan_remake(): VM storage that was begun is kept
 *                                           while its [storage] answers are the same; all other
 *                                           steps run again
 *   a new plan is asked for                 plan, begin; refused when VM storage has been made
 */
#pragma once

#include "firstboot/journal.h"

typedef struct
{
  const LodgeFacts *facts;
  const LodgeAnswers *answers; /* NULL: none were found this time; the journal has a plan then */
  gboolean answers_given;      /* by --answers: no source has them */
  const char *seed;            /* as for lodge_plan_make() */
  gboolean new_plan;           /* forget the recorded plan */
  const LodgeStep *steps;
  gsize count;
  const char *root; /* "" on the host itself: where the settings are to be had */
} LodgeBeginning;

/* What a run would begin with. */
typedef struct
{
  LodgePlan *plan;
  gboolean recorded;         /* the journal has just that: nothing would be written */
  LodgeJournalEntry *states; /* of the steps that an earlier run began, in their order */
  gsize count;
} LodgeCourse;

void lodge_course_clear (LodgeCourse *course);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LodgeCourse, lodge_course_clear)

/* Finds out what lodge_begin() would begin with, for who shows it before: writes nothing, and does
 * not look whether the settings can be had. */
gboolean lodge_begin_find_course (const LodgeJournal *journal, const LodgeBeginning *beginning,
                                  LodgeCourse *course, GError **error);

/* The course's plan as sentences: of steps that are done already it says just that, and of VM
 * storage that was made, that it is kept. */
char *lodge_course_describe (const LodgeCourse *course);

/* Whether COURSE leaves STEP as an earlier run has done it. */
gboolean lodge_course_is_done (const LodgeCourse *course, const char *step);

/* Leaves JOURNAL with the plan to run.  Writes nothing when there is nothing to change, and nothing
 * when it fails. */
gboolean lodge_begin (LodgeJournal *journal, const LodgeBeginning *beginning, GError **error);

/* The same for a change (lodge_plan_change()) of a host that is set up: the steps that PLAN does
 * not take stay done. */
gboolean lodge_begin_change (LodgeJournal *journal, const LodgePlan *plan, const LodgeStep *steps,
                             gsize count, GError **error);

/* Whether a run must not go on without answers: those that it began with came from a source, which
 * has none any more, and no disk was touched by them yet.  Whoever took them away did not want
 * that.
 */
gboolean lodge_begin_is_withdrawn (const LodgeJournal *journal);

/* Whether VM storage was made: the answers' [storage] section cannot be changed any more. */
gboolean lodge_begin_storage_is_made (const LodgeJournal *journal);

/* Whether the answers are those that PLAN was made for. */
gboolean lodge_begin_same_answers (const LodgePlan *plan, const LodgeAnswers *answers);
