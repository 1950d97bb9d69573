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

static gboolean
storage_is_made (const LodgeJournal *journal)
{
  const LodgePlan *plan = lodge_journal_plan (journal);

  return plan != NULL && plan->disks->len > 0
         && lodge_journal_state (journal, STORAGE) == LODGE_STEP_DONE;
}

/* Steps that ran with the earlier plan run again as resumed ones: what they find may be their own.
 */
static gboolean
begin_again (LodgeJournal *journal, const LodgeBeginning *beginning, const LodgePlan *plan,
             gboolean storage_kept, GError **error)
{
  g_autofree LodgeJournalEntry *entries = g_new0 (LodgeJournalEntry, beginning->count);
  gsize count = 0;

  for (gsize i = 0; i < beginning->count; i++)
    {
      const char *id = beginning->steps[i].id;
      LodgeStepState state = lodge_journal_state (journal, id);
      gboolean storage = g_str_equal (id, STORAGE);

      if (state == LODGE_STEP_PENDING || (storage && !storage_kept))
        continue;
      entries[count].step = id;
      entries[count].state = storage ? state : LODGE_STEP_STARTED;
      count++;
    }
  return lodge_journal_begin (journal, plan, entries, count, error);
}

static gboolean
begin_remade (LodgeJournal *journal, const LodgeBeginning *beginning, GError **error)
{
  LodgePlanEarlier earlier = {
    .plan = lodge_journal_plan (journal),
    .storage_begun = lodge_journal_state (journal, STORAGE) != LODGE_STEP_PENDING,
    .storage_done = lodge_journal_state (journal, STORAGE) == LODGE_STEP_DONE,
    .guest_networks_begun = lodge_journal_state (journal, GUEST_NETWORKS) != LODGE_STEP_PENDING,
  };
  gboolean storage_kept = FALSE;
  g_autoptr (LodgePlan) plan = lodge_plan_remake (beginning->facts, beginning->answers,
                                                  beginning->seed, &earlier, &storage_kept, error);

  if (plan == NULL || !lodge_settings_check (plan, beginning->root, error))
    return FALSE;
  plan->answers_given = beginning->answers_given;
  return begin_again (journal, beginning, plan, storage_kept, error);
}

gboolean
lodge_begin (LodgeJournal *journal, const LodgeBeginning *beginning, GError **error)
{
  const LodgePlan *recorded = lodge_journal_plan (journal);
  const LodgeAnswers *answers = beginning->answers;
  g_autoptr (LodgePlan) plan = NULL;

  if (recorded != NULL && beginning->new_plan && storage_is_made (journal))
    return lodge_error_set (
        error, LODGE_ERROR_REFUSED,
        N_ ("the VM storage has been made already, so its plan is not forgotten: run "
            "apply without --new-plan"));
  if (recorded != NULL && !beginning->new_plan)
    {
      if (answers == NULL || lodge_begin_same_answers (recorded, answers))
        return TRUE;
      return begin_remade (journal, beginning, error);
    }
  if (answers == NULL && recorded != NULL)
    answers = recorded->answers;
  if (answers == NULL)
    return lodge_error_set (error, LODGE_ERROR_USAGE, N_ ("there are no answers to plan with"));
  plan = lodge_plan_make (beginning->facts, answers, beginning->seed, error);
  if (plan == NULL || !lodge_settings_check (plan, beginning->root, error))
    return FALSE;
  plan->answers_given
      = beginning->answers != NULL ? beginning->answers_given : recorded->answers_given;
  return lodge_journal_begin (journal, plan, NULL, 0, error);
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
