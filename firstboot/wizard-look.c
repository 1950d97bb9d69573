/* Looking at the machine, with a form that says so: ports without a cable take ten seconds.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-disks.h"

#include "common/run.h"
#include "firstboot/i18n.h"

typedef struct
{
  LodgeWizard *wizard;
  LodgeFacts *facts;
  char *disk_names;
  GError *error;
} Look;

static gboolean
look (LodgeForm *form, gpointer data)
{
  Look *state = data;
  const char *const settle[] = { "udevadm", "settle", "--timeout=60", NULL };

  if (form->ended)
    return FALSE;
  /* Disks that are still coming up would be missed; what udev has to complain about is not ours. */
  if (state->wizard->probe.sysroot[0] == '\0')
    g_free (lodge_run (settle, NULL, state->wizard->cancellable, NULL));
  state->disk_names = lodge_wizard_disk_names (&state->wizard->probe);
  state->facts = lodge_probe_all (&state->wizard->probe, &state->error);
  form->ended = TRUE;
  return TRUE;
}

gboolean
lodge_wizard_look (LodgeWizard *wizard, GError **error)
{
  Look state = { .wizard = wizard };
  g_autoptr (LodgeForm) form = lodge_form_new ("look", _ ("One moment"));

  form->text = g_strdup (_ ("Looking at processors, disks and network ports...\n\nA network port "
                            "without a cable takes ten seconds."));
  form->refresh = look;
  form->interval = 100;
  form->data = &state;
  if (lodge_ui_show (wizard->ui, form, error) == NULL)
    {
      lodge_facts_free (state.facts);
      g_free (state.disk_names);
      g_clear_error (&state.error);
      return FALSE;
    }
  if (state.facts == NULL)
    {
      g_free (state.disk_names);
      g_propagate_error (error, state.error);
      return FALSE;
    }
  lodge_facts_free (wizard->facts);
  wizard->facts = state.facts;
  g_free (wizard->disk_names);
  wizard->disk_names = state.disk_names;
  wizard->facts_language = lodge_language_used ();
  return TRUE;
}
