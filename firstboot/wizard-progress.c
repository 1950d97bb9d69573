/* The steps of a setup or a change as they run.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-progress.h"

#include "firstboot/i18n.h"
#include "firstboot/said.h"
#include "firstboot/step.h"
#include "firstboot/ui-text.h"

#define POLL_MILLISECONDS 250
#define TITLE_COLUMNS 44

typedef struct
{
  LodgeWizard *wizard;
  LodgeSetup *setup;
  gint64 began; /* when the running step did, by our clock */
  guint number; /* of the running step */
} Progress;

static const LodgeSetupStep *
find_step (const LodgeSetup *setup, const char *id)
{
  for (guint i = 0; i < setup->steps->len; i++)
    {
      const LodgeSetupStep *step = setup->steps->pdata[i];

      if (g_str_equal (step->id, id))
        return step;
    }
  return NULL;
}

/* Steps run in order, and one that was done before is passed over without a word. */
static gboolean
is_behind (const LodgeSetup *setup, guint number)
{
  const LodgeSetupStep *latest
      = setup->steps->len > 0 ? setup->steps->pdata[setup->steps->len - 1] : NULL;

  return latest != NULL && number < latest->number;
}

static char *
running_words (Progress *progress, guint number)
{
  if (progress->number != number)
    {
      progress->number = number;
      progress->began = g_get_monotonic_time ();
    }
  return g_strdup_printf (_ ("running %d s"),
                          (int)((g_get_monotonic_time () - progress->began) / G_USEC_PER_SEC));
}

/* Of the stages before the steps nothing is said while they run: looking at the machine is what
 * takes time. */
static gboolean
is_running (const LodgeSetup *setup, const LodgeSetupStep *step, guint number)
{
  return step != NULL ? step->seconds == NULL
                      : number == LODGE_STEP_CHECK && setup->steps->len == 0;
}

static char *
state_words (Progress *progress, const LodgeSetupStep *step, guint number)
{
  if (is_running (progress->setup, step, number))
    return running_words (progress, number);
  if (step == NULL)
    return g_strdup (is_behind (progress->setup, number) ? _ ("done") : "");
  return g_strdup_printf ("%s %8s s", g_str_equal (step->state, "done") ? _ ("done") : _ ("FAILED"),
                          step->seconds);
}

static void
add_line (GString *text, Progress *progress, guint number, const char *id)
{
  guint last = lodge_step_last ();
  const LodgeSetupStep *step = find_step (progress->setup, id);
  g_autofree char *title = lodge_text_pad (lodge_step_title (id), TITLE_COLUMNS);
  g_autofree char *state = state_words (progress, step, number);

  g_string_append_printf (text, "%s(%2u/%u) %s %s\n",
                          is_running (progress->setup, step, number) ? "> " : "  ", number, last,
                          title, state);
}

/* One line a step, of those that did not begin as well: how far it is has to be seen.  They are
 * called by the numbers that the consoles, the report and the manual have for them. */
static char *
describe_steps (Progress *progress)
{
  GString *text = g_string_new (NULL);
  gsize count;
  const LodgeStep *steps = lodge_steps (&count);
  GStrv planned = progress->wizard->steps;

  add_line (text, progress, LODGE_STEP_CHECK, "check");
  add_line (text, progress, LODGE_STEP_PLAN, "plan");
  for (gsize i = 0; i < count; i++)
    if (planned == NULL || g_strv_contains ((const char *const *)planned, steps[i].id))
      add_line (text, progress, LODGE_STEP_FIRST + (guint)i, steps[i].id);
  return g_string_free (text, FALSE);
}

static gboolean
refresh_progress (LodgeForm *form, gpointer data)
{
  Progress *progress = data;
  gboolean changed = lodge_setup_poll (progress->setup);
  g_autofree char *text = describe_steps (progress);
  LodgeField *field = lodge_form_field (form, "steps");

  if (!g_str_equal (text, field->value))
    {
      lodge_field_set_value (field, text);
      changed = TRUE;
    }
  if (changed)
    {
      g_autofree char *word
          = progress->setup->word != NULL ? lodge_said_translate (progress->setup->word) : NULL;

      lodge_form_hint (form, word);
    }
  form->ended = progress->setup->state != LODGE_SETUP_RUNNING;
  return changed;
}

/* Ctrl-C in a change: "" to go on following it, "quit", or NULL. */
static const char *
ask_about_change (LodgeWizard *wizard, LodgeSetup *setup, GError **error)
{
  g_autoptr (LodgeForm) form = lodge_form_new ("leave-change", _ ("Leave the change?"));
  const char *button;

  form->text = g_strdup (
      _ ("When you leave, the change goes on by itself; `lodge-firstboot status` tells where it "
         "is.\n\nWhen you give it up, a running change of the network is taken back; what other "
         "steps did stays."));
  lodge_form_add_button (form, "stay", _ ("Stay"));
  lodge_form_add_button (form, "leave", _ ("Leave"));
  lodge_form_add_button (form, "give-up", _ ("Give it up"));
  form->back = form->forward = "stay";
  /* Pressed again by the same habit: as Esc. */
  form->quits_unasked = TRUE;
  button = lodge_ui_show (wizard->ui, form, error);
  if (button == NULL)
    return NULL;
  if (g_str_equal (button, "give-up"))
    lodge_setup_give_up (setup);
  return g_str_equal (button, "leave") ? "quit" : "";
}

const char *
lodge_wizard_show_progress (LodgeWizard *wizard, LodgeSetup *setup, GError **error)
{
  Progress progress = { .wizard = wizard, .setup = setup };
  g_autoptr (LodgeForm) form = lodge_form_new (
      "progress", wizard->present != NULL ? _ ("Changing this host") : _ ("Setting up"));
  g_autofree char *steps = describe_steps (&progress);
  const char *button = "";

  form->text
      = g_strdup (wizard->present != NULL
                      ? _ ("A power cut or a closed terminal does no harm: the change goes on "
                           "where it was.")
                      : _ ("A power cut or a closed terminal does no harm: setup goes on "
                           "where it was."));
  lodge_form_add (form, LODGE_FIELD_PROSE, "steps", NULL, steps);
  form->refresh = refresh_progress;
  form->interval = POLL_MILLISECONDS;
  form->data = &progress;
  form->quits_unasked = wizard->present != NULL;
  form->leaving = _ ("Setup goes on by itself; `lodge-firstboot status` tells where it is.");
  while (button != NULL && button[0] == '\0')
    {
      button = lodge_ui_show (wizard->ui, form, error);
      if (button != NULL && g_str_equal (button, "quit") && form->quits_unasked)
        button = ask_about_change (wizard, setup, error);
    }
  /* A constant: the form ends here. */
  return button == NULL ? NULL : g_str_equal (button, "quit") ? "quit" : "ended";
}
