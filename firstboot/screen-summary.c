/* Screen 8: the whole plan.  Back has the cursor: only who goes to the other button means it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-disks.h"

#include "firstboot/apply.h"
#include "firstboot/begin.h"
#include "firstboot/change.h"
#include "firstboot/i18n.h"
#include "firstboot/wizard-choice.h"
#include "firstboot/wizard-files.h"
#include "firstboot/wizard-state.h"

/* Only the UUIDs that are made hang on it, and the person does not see them. */
#define CAPTURED_SEED "00000000000000000000000000000000"

/* A change that stopped half-way has changed something: the host is read anew. */
static LodgePlan *
make_change (LodgeWizard *wizard, GError **error)
{
  g_autoptr (LodgePresent) present = lodge_present_read (wizard->probe.sysroot, error);
  LodgePlan *plan;

  if (present == NULL)
    return NULL;
  plan = lodge_change_plan (wizard->facts, present, wizard->answers, error);
  lodge_present_free (wizard->present);
  wizard->present = g_steal_pointer (&present);
  g_clear_pointer (&wizard->steps, g_strfreev);
  wizard->steps = plan != NULL ? g_strdupv (plan->steps) : NULL;
  return plan;
}

/* What `apply` will begin with: after a setup that stopped, what remains of it. */
static gboolean
find_course (LodgeWizard *wizard, LodgeCourse *course, GError **error)
{
  LodgeBeginning beginning = { .facts = wizard->facts, .answers = wizard->answers };
  g_autoptr (LodgeJournal) journal = NULL;
  g_autofree char *seed = NULL;

  if (wizard->present != NULL)
    return (course->plan = make_change (wizard, error)) != NULL;
  journal = lodge_wizard_open_journal (wizard, error);
  seed = wizard->probe.sysroot[0] != '\0' ? g_strdup (CAPTURED_SEED) : lodge_apply_seed ("", error);
  beginning.seed = seed;
  beginning.steps = lodge_steps (&beginning.count);
  return journal != NULL && seed != NULL
         && lodge_begin_find_course (journal, &beginning, course, error);
}

/* First what cannot be taken back. */
static void
add_loss (GString *text, const LodgeWizard *wizard)
{
  g_autoptr (GPtrArray) disks = lodge_wizard_chosen_disks (wizard);

  for (guint i = 0; i < disks->len; i++)
    {
      g_autofree char *name = lodge_disk_describe (disks->pdata[i]);
      g_autofree char *content = lodge_disk_describe_content (disks->pdata[i]);

      if (!lodge_disk_is_blank (disks->pdata[i]) && wizard->answers->layout != LODGE_LAYOUT_ADOPT)
        g_string_append_printf (text, _ ("ERASED FOR GOOD: %s with %s.\n\n"), name, content);
    }
}

static char *
introduce (const LodgeWizard *wizard, const LodgeCourse *course, gboolean nothing)
{
  if (nothing)
    return g_strdup (_ ("This host is already what the screens say."));
  if (wizard->present != NULL && wizard->has_failed)
    return g_strdup (_ ("This remains of the change that stopped.  Read it through, then choose "
                        "\"Change\" or go back."));
  if (wizard->present != NULL)
    return g_strdup (_ ("Nothing was changed yet.  Read it through, then choose "
                        "\"Change\" or go back."));
  if (course->count > 0)
    return g_strdup (_ ("This remains of the setup that stopped.  Read it through, then choose "
                        "\"Set up\" or go back."));
  return g_strdup (_ ("Nothing was changed yet.  Read it through, then choose \"Set "
                      "up\" or go back."));
}

static LodgeForm *
make (LodgeWizard *wizard)
{
  LodgeForm *form = lodge_form_new ("summary", _ ("This will be done"));
  g_autoptr (GError) problem = NULL;
  g_auto (LodgeCourse) course = { 0 };
  gboolean found = find_course (wizard, &course, &problem);
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean nothing = found && course.plan->steps != NULL && course.plan->steps[0] == NULL;

  if (found)
    {
      g_autofree char *sentences = lodge_course_describe (&course);

      if (wizard->present == NULL && !lodge_course_is_done (&course, "storage"))
        add_loss (text, wizard);
      g_string_append (text, sentences);
      form->text = introduce (wizard, &course, nothing);
    }
  else
    g_string_append_printf (text, _ ("This cannot be done: %s"),
                            problem != NULL ? problem->message : "");
  lodge_form_add (form, LODGE_FIELD_PROSE, "plan", NULL, text->str);
  lodge_form_add_button (form, "back", _ ("Back"));
  if (found)
    {
      lodge_form_add_button (form, "save", _ ("Save answers"));
      if (nothing)
        lodge_form_add_button (form, "quit", _ ("Leave"));
      else
        lodge_form_add_button (form, "next", wizard->present != NULL ? _ ("Change") : _ ("Set up"));
    }
  form->back = "back";
  form->forward = NULL;
  if (found && !nothing)
    form->stop = wizard->present != NULL
                     ? _ ("F12 goes no further: only the button \"Change\" begins.")
                     : _ ("F12 goes no further: only the button \"Set up\" begins.");
  lodge_form_set_focus (form, "back");
  form->help = g_strdup (wizard->present != NULL
                             ? _ ("This is all that will be done, in this order; all else stays as "
                                  "it is.  When the new network does not work, it is put back as "
                                  "it is now and you are brought back to its screen.")
                             : _ ("This is all that will be done, in this order.  \"Set up\" "
                                  "begins; it takes a minute or "
                                  "two.\n\n\"Save answers\" writes them as a file to the LODGE "
                                  "partition of the boot stick, "
                                  "for setting up more hosts the same way.  The password is not "
                                  "in them; a check box asks whether its hash is."));
  return form;
}

static gboolean
accept (LodgeWizard *wizard, LodgeForm *form)
{
  (void)form;
  /* After a restart of the machine it is here that they are confirmed. */
  if (lodge_wizard_confirmed_disks (wizard) == NULL)
    lodge_wizard_remember_choice (wizard);
  return TRUE;
}

static LodgeMove
press (LodgeWizard *wizard, LodgeForm *form, const char *button, GError **error)
{
  (void)form;
  (void)button;
  return lodge_wizard_save_answers (wizard, error) ? LODGE_MOVE_STAY : LODGE_MOVE_FAILED;
}

const LodgeScreen lodge_screen_summary
    = { .id = "summary", .steps = "plan", .make = make, .accept = accept, .press = press };
