/* Which plan a run goes by.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/begin.h"

#include "common/error.h"
#include "firstboot/i18n.h"
#include "firstboot/setting.h"

#define STORAGE "storage"
#define GUEST_NETWORKS "guest-networks"

gboolean
lodge_begin_same_answers (const LodgePlan *plan, const LodgeAnswers *answers)
{
  g_autofree char *recorded = lodge_answers_format (plan->answers, TRUE);
  g_autofree char *given = lodge_answers_format (answers, TRUE);

  return g_str_equal (recorded, given);
}

gboolean
lodge_begin_is_withdrawn (const LodgeJournal *journal)
{
  const LodgePlan *plan = lodge_journal_plan (journal);

  return plan != NULL && plan->disks->len > 0 && !plan->answers_given
         && lodge_journal_state (journal, STORAGE) == LODGE_STEP_PENDING;
}

gboolean
lodge_begin_storage_is_made (const LodgeJournal *journal)
{
  const LodgePlan *plan = lodge_journal_plan (journal);

  return plan != NULL && plan->disks->len > 0
         && lodge_journal_state (journal, STORAGE) == LODGE_STEP_DONE;
}

void
lodge_course_clear (LodgeCourse *course)
{
  g_clear_pointer (&course->plan, lodge_plan_free);
  g_clear_pointer (&course->states, g_free);
  course->count = 0;
}

gboolean
lodge_course_is_done (const LodgeCourse *course, const char *step)
{
  for (gsize i = 0; i < course->count; i++)
    if (g_str_equal (course->states[i].step, step))
      return course->states[i].state == LODGE_STEP_DONE;
  return FALSE;
}

char *
lodge_course_describe (const LodgeCourse *course)
{
  g_autoptr (GPtrArray) done = g_ptr_array_new ();

  for (gsize i = 0; i < course->count; i++)
    if (course->states[i].state == LODGE_STEP_DONE)
      g_ptr_array_add (done, (gpointer)course->states[i].step);
  g_ptr_array_add (done, NULL);
  return lodge_plan_describe_rest (course->plan, (const char *const *)done->pdata);
}

static void
add_state (LodgeCourse *course, const char *step, LodgeStepState state)
{
  course->states[course->count].step = step;
  course->states[course->count].state = state;
  course->count++;
}

/* The recorded plan goes on where it was. */
static gboolean
find_recorded (const LodgeJournal *journal, const LodgeBeginning *beginning, LodgeCourse *course,
               GError **error)
{
  course->recorded = TRUE;
  course->plan = lodge_plan_copy (lodge_journal_plan (journal), error);
  for (gsize i = 0; i < beginning->count; i++)
    {
      LodgeStepState state = lodge_journal_state (journal, beginning->steps[i].id);

      if (state != LODGE_STEP_PENDING)
        add_state (course, beginning->steps[i].id, state);
    }
  return course->plan != NULL;
}

/* Steps that ran with the earlier plan run again as resumed ones: what they find may be their own.
 */
static gboolean
find_remade (const LodgeJournal *journal, const LodgeBeginning *beginning, LodgeCourse *course,
             GError **error)
{
  LodgePlanEarlier earlier = {
    .plan = lodge_journal_plan (journal),
    .storage_begun = lodge_journal_state (journal, STORAGE) != LODGE_STEP_PENDING,
    .storage_done = lodge_journal_state (journal, STORAGE) == LODGE_STEP_DONE,
    .guest_networks_begun = lodge_journal_state (journal, GUEST_NETWORKS) != LODGE_STEP_PENDING,
  };
  gboolean storage_kept = FALSE;

  course->plan = lodge_plan_remake (beginning->facts, beginning->answers, beginning->seed, &earlier,
                                    &storage_kept, error);
  if (course->plan == NULL)
    return FALSE;
  course->plan->answers_given = beginning->answers_given;
  for (gsize i = 0; i < beginning->count; i++)
    {
      const char *id = beginning->steps[i].id;
      LodgeStepState state = lodge_journal_state (journal, id);
      gboolean storage = g_str_equal (id, STORAGE);

      if (state != LODGE_STEP_PENDING && (!storage || storage_kept))
        add_state (course, id, storage ? state : LODGE_STEP_STARTED);
    }
  return TRUE;
}

static gboolean
find_new (const LodgePlan *recorded, const LodgeBeginning *beginning, LodgeCourse *course,
          GError **error)
{
  const LodgeAnswers *answers = beginning->answers;

  if (answers == NULL && recorded != NULL)
    answers = recorded->answers;
  if (answers == NULL)
    return lodge_error_set (error, LODGE_ERROR_USAGE, N_ ("there are no answers to plan with"));
  course->plan = lodge_plan_make (beginning->facts, answers, beginning->seed, error);
  if (course->plan == NULL)
    return FALSE;
  course->plan->answers_given
      = beginning->answers != NULL ? beginning->answers_given : recorded->answers_given;
  return TRUE;
}

gboolean
lodge_begin_find_course (const LodgeJournal *journal, const LodgeBeginning *beginning,
                         LodgeCourse *course, GError **error)
{
  const LodgePlan *recorded = lodge_journal_plan (journal);

  course->states = g_new0 (LodgeJournalEntry, beginning->count);
  if (recorded != NULL && beginning->new_plan && lodge_begin_storage_is_made (journal))
    return lodge_error_set (
        error, LODGE_ERROR_REFUSED,
        N_ ("the VM storage has been made already, so its plan is not forgotten: run "
            "apply without --new-plan"));
  if (recorded == NULL || beginning->new_plan)
    return find_new (recorded, beginning, course, error);
  if (beginning->answers == NULL || lodge_begin_same_answers (recorded, beginning->answers))
    return find_recorded (journal, beginning, course, error);
  return find_remade (journal, beginning, course, error);
}

gboolean
lodge_begin (LodgeJournal *journal, const LodgeBeginning *beginning, GError **error)
{
  g_auto (LodgeCourse) course = { 0 };

  if (!lodge_begin_find_course (journal, beginning, &course, error))
    return FALSE;
  if (course.recorded)
    return TRUE;
  return lodge_settings_check (course.plan, beginning->root, error)
         && lodge_journal_begin (journal, course.plan, course.states, course.count, error);
}

/* What is there is Lodge's own: the steps run as resumed ones. */
gboolean
lodge_begin_change (LodgeJournal *journal, const LodgePlan *plan, const LodgeStep *steps,
                    gsize count, GError **error)
{
  g_autofree LodgeJournalEntry *entries = g_new0 (LodgeJournalEntry, count);

  for (gsize i = 0; i < count; i++)
    {
      entries[i].step = steps[i].id;
      entries[i].state
          = lodge_plan_takes (plan, steps[i].id) ? LODGE_STEP_STARTED : LODGE_STEP_DONE;
    }
  return lodge_journal_begin (journal, plan, entries, count, error);
}
