/* Looking at the machine, with a form that says so: ports without a cable take ten seconds.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-choice.h"
#include "firstboot/wizard-disks.h"
#include "firstboot/wizard-wait.h"

#include "common/run.h"
#include "firstboot/i18n.h"

typedef struct
{
  const LodgeProbe *probe;
  LodgeFacts *facts;
  char *disk_names;
  GError *error;
} Look;

static void
look (gpointer data, GCancellable *cancellable)
{
  Look *state = data;
  const char *const settle[] = { "udevadm", "settle", "--timeout=60", NULL };

  /* Disks that are still coming up would be missed; what udev has to complain about is not ours. */
  if (state->probe->sysroot[0] == '\0')
    g_free (lodge_run (settle, NULL, cancellable, NULL));
  if (g_cancellable_set_error_if_cancelled (cancellable, &state->error))
    return;
  state->disk_names = lodge_disk_reading_names (state->probe);
  state->facts = lodge_probe_all (state->probe, &state->error);
}

static void
clear (Look *state)
{
  g_clear_pointer (&state->facts, lodge_facts_free);
  g_clear_pointer (&state->disk_names, g_free);
  g_clear_error (&state->error);
}

/* What was found becomes the wizard's. */
static void
take (LodgeWizard *wizard, Look *state)
{
  g_clear_pointer (&wizard->facts, lodge_facts_free);
  wizard->facts = g_steal_pointer (&state->facts);
  g_free (wizard->disk_names);
  wizard->disk_names = g_steal_pointer (&state->disk_names);
  wizard->facts_language = lodge_language_used ();
  lodge_wizard_forget_exchanged_disks (wizard);
}

LodgeMove
lodge_wizard_look (LodgeWizard *wizard, GError **error)
{
  Look state = { .probe = &wizard->probe };
  g_autoptr (LodgeForm) form = lodge_form_new ("look", _ ("One moment"));
  LodgeMove move = LODGE_MOVE_FAILED;
  const char *button;

  form->text = g_strdup (_ ("Looking at processors, disks and network ports...\n\nA network port "
                            "without a cable takes ten seconds."));
  button = lodge_wizard_wait (wizard, form, look, &state, error);
  if (button != NULL && g_str_equal (button, "quit"))
    move = LODGE_MOVE_QUIT;
  else if (button != NULL && state.facts == NULL)
    g_propagate_error (error, g_steal_pointer (&state.error));
  else if (button != NULL)
    {
      take (wizard, &state);
      move = LODGE_MOVE_NEXT;
    }
  clear (&state);
  return move;
}
