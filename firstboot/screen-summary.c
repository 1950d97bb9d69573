/* Screen 8: the whole plan.  Back has the cursor: only who goes to the other button means it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-disks.h"

#include "firstboot/apply.h"
#include "firstboot/change.h"
#include "firstboot/i18n.h"
#include "firstboot/wizard-files.h"

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

static LodgePlan *
make_plan (LodgeWizard *wizard, GError **error)
{
  g_autofree char *seed = NULL;

  if (wizard->present != NULL)
    return make_change (wizard, error);
  seed = wizard->probe.sysroot[0] != '\0' ? g_strdup (CAPTURED_SEED) : lodge_apply_seed ("", error);

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
  gboolean nothing = plan != NULL && plan->steps != NULL && plan->steps[0] == NULL;

  if (plan != NULL)
    {
      g_autofree char *sentences = lodge_plan_describe (plan);

      if (wizard->present == NULL)
        add_loss (text, wizard);
      g_string_append (text, sentences);
      if (nothing)
        form->text = g_strdup (_ ("This host is already what the screens say."));
      else if (wizard->present != NULL)
        form->text = g_strdup (_ ("Nothing was changed yet.  Read it through, then choose "
                                  "\"Change\" or go back."));
      else
        form->text = g_strdup (_ ("Nothing was changed yet.  Read it through, then choose \"Set "
                                  "up\" or go back."));
    }
  else
    g_string_append_printf (text, _ ("This cannot be done: %s"),
                            problem != NULL ? problem->message : "");
  lodge_form_add (form, LODGE_FIELD_PROSE, "plan", NULL, text->str);
  lodge_form_add_button (form, "back", _ ("Back"));
  if (plan != NULL)
    {
      lodge_form_add_button (form, "save", _ ("Save answers"));
      if (nothing)
        lodge_form_add_button (form, "quit", _ ("Leave"));
      else
        lodge_form_add_button (form, "next", wizard->present != NULL ? _ ("Change") : _ ("Set up"));
    }
  form->back = "back";
  form->forward = "back";
  lodge_form_set_focus (form, "back");
  form->help = g_strdup (wizard->present != NULL
                             ? _ ("This is all that will be done, in this order; all else stays as "
                                  "it is.  When the new network does not work, it is put back as "
                                  "it is now and you are brought back to its screen.")
                             : _ ("This is all that will be done, in this order.  \"Set up\" "
                                  "begins; it takes a minute or "
                                  "two.\n\n\"Save answers\" writes them as a file to the LODGE "
                                  "partition of the boot stick, "
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
