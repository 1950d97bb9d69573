/* `plan`: what `apply` would do, and what would stop it.  Writes nothing.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/command.h"

#include "common/error.h"
#include "firstboot/apply.h"
#include "firstboot/begin.h"
#include "firstboot/change.h"
#include "firstboot/setting.h"

/* What a host that is set up would be changed by. */
static int
plan_change (const LodgeOptions *options, GError **error)
{
  const LodgeProbe probe = { .sysroot = options->root };
  g_autoptr (LodgePresent) present = NULL;
  g_autoptr (LodgeAnswers) answers = NULL;
  g_autoptr (LodgeFacts) facts = NULL;
  g_autoptr (LodgePlan) plan = NULL;
  g_autofree char *text = NULL;

  if (options->answers == NULL)
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       "a change needs the answers to change to: --answers FILE");
      return 1;
    }
  if ((present = lodge_present_read (options->root, error)) == NULL
      || (answers = lodge_change_load (options->root, options->answers, present, error)) == NULL
      || (facts = lodge_probe_all (&probe, error)) == NULL
      || (plan = lodge_change_plan (facts, present, answers, error)) == NULL)
    return 1;
  text = lodge_plan_describe (plan);
  g_print ("%s", text);
  return 0;
}

/* What a run would begin with: after one that did not end, what remains of it. */
static gboolean
find_course (const LodgeOptions *options, const LodgeAnswers *answers, const LodgeFacts *facts,
             LodgeCourse *course, GError **error)
{
  g_autofree char *directory = g_strconcat (options->root, LODGE_STATE_DIRECTORY, NULL);
  g_autoptr (LodgeJournal) journal = lodge_journal_open (directory, error);
  g_autofree char *seed = journal != NULL ? lodge_apply_seed (options->root, error) : NULL;
  LodgeBeginning beginning = { .facts = facts, .answers = answers, .seed = seed };

  if (seed == NULL)
    return FALSE;
  beginning.steps = lodge_steps (&beginning.count);
  return lodge_begin_find_course (journal, &beginning, course, error);
}

/* Its disk would be refused as one in use, which tells nobody anything. */
static gboolean
is_set_up (const char *root)
{
  g_autofree char *mark = g_strconcat (root, LODGE_STATE_DIRECTORY "/" LODGE_COMPLETE_FILE, NULL);

  return g_file_test (mark, G_FILE_TEST_EXISTS);
}

int
lodge_command_plan (const LodgeOptions *options, GError **error)
{
  const LodgeProbe probe = { .sysroot = options->root };
  g_autoptr (LodgeAnswers) answers = NULL;
  g_autoptr (LodgeFacts) facts = NULL;
  g_auto (LodgeCourse) course = { 0 };
  g_autofree char *text = NULL;
  g_autoptr (GError) problem = NULL;
  gboolean off;

  if (options->reconfigure)
    return plan_change (options, error);
  if (is_set_up (options->root))
    {
      lodge_error_set (
          error, LODGE_ERROR_REFUSED,
          "this host is set up, as `lodge-firstboot status` tells; what a change would "
          "do is planned with --reconfigure --answers FILE");
      return 1;
    }
  answers = lodge_apply_find_answers (options->root, options->answers, NULL, NULL, &off, &problem);
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return 1;
    }
  if (answers == NULL)
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       "no answers were found to plan with: name them, --answers FILE");
      return 1;
    }
  facts = lodge_probe_all (&probe, error);
  if (facts == NULL || !find_course (options, answers, facts, &course, error))
    return 1;
  text = lodge_course_describe (&course);
  g_print ("%s", text);
  /* After the plan, which is worth seeing anyway: apply would refuse to begin it. */
  return lodge_settings_check (course.plan, options->root, error)
                 && lodge_apply_require_checks (facts, error)
             ? 0
             : 1;
}
