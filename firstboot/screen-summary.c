/* Screen 8: the whole plan.  Back has the cursor: only who goes to the other button means it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-disks.h"

#include "firstboot/apply.h"
#include "firstboot/i18n.h"
#include "firstboot/wizard-files.h"

/* Only the UUIDs that are made hang on it, and the person does not see them. */
#define CAPTURED_SEED "00000000000000000000000000000000"

static LodgePlan *
make_plan (const LodgeWizard *wizard, GError **error)
{
  g_autofree char *seed
      = wizard->probe.sysroot[0] != '\0' ? g_strdup (CAPTURED_SEED) : lodge_apply_seed ("", error);

  return seed != NULL ? lodge_plan_make (wizard->facts, wizard->answers, seed, error) : NULL;
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

static LodgeForm *
make (LodgeWizard *wizard)
{
  LodgeForm *form = lodge_form_new ("summary", _ ("This will be done"));
  g_autoptr (GError) problem = NULL;
  g_autoptr (LodgePlan) plan = make_plan (wizard, &problem);
  g_autoptr (GString) text = g_string_new (NULL);

  if (plan != NULL)
    {
      g_autofree char *sentences = lodge_plan_describe (plan);

      add_loss (text, wizard);
      g_string_append (text, sentences);
      form->text = g_strdup (_ ("Nothing was changed yet.  Read it through, then choose \"Set up\" "
                                "or go back."));
    }
  else
    g_string_append_printf (text, _ ("This cannot be done: %s"),
                            problem != NULL ? problem->message : "");
  lodge_form_add (form, LODGE_FIELD_PROSE, "plan", NULL, text->str);
  lodge_form_add_button (form, "back", _ ("Back"));
  if (plan != NULL)
    {
      lodge_form_add_button (form, "save", _ ("Save answers"));
      lodge_form_add_button (form, "next", _ ("Set up"));
    }
  form->back = "back";
  form->forward = "back";
  lodge_form_set_focus (form, "back");
  form->help = g_strdup (
      _ ("This is all that will be done, in this order.  \"Set up\" begins; it takes a minute or "
         "two.\n\n\"Save answers\" writes them as a file to the LODGE partition of the boot stick, "
         "without the password, for setting up more hosts the same way."));
  return form;
}

static gboolean
accept (LodgeWizard *wizard, LodgeForm *form)
{
  (void)wizard;
  (void)form;
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
