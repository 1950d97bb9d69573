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
  char *sysroot;
  LodgeFacts *facts;
  char *disk_names;
  GPtrArray *checks;
  GError *error;
} Look;

static Look *
look_new (const LodgeWizard *wizard)
{
  Look *look = g_new0 (Look, 1);

  look->sysroot = g_strdup (wizard->probe.sysroot);
  return look;
}

static void
look_free (gpointer data)
{
  Look *look = data;

  g_free (look->sysroot);
  g_clear_pointer (&look->facts, lodge_facts_free);
  g_free (look->disk_names);
  g_clear_pointer (&look->checks, g_ptr_array_unref);
  g_clear_error (&look->error);
  g_free (look);
}

/* --- at the whole machine --- */

static void
look_at_all (gpointer data, GCancellable *cancellable)
{
  Look *look = data;
  const LodgeProbe probe = { .sysroot = look->sysroot };
  const char *const settle[] = { "udevadm", "settle", "--timeout=60", NULL };

  /* Disks that are still coming up would be missed; what udev has to complain about is not ours. */
  if (look->sysroot[0] == '\0')
    g_free (lodge_run (settle, NULL, cancellable, NULL));
  if (g_cancellable_set_error_if_cancelled (cancellable, &look->error))
    return;
  look->disk_names = lodge_disk_reading_names (&probe);
  look->facts = lodge_probe_all (&probe, &look->error);
}

/* What was found becomes the wizard's. */
static LodgeMove
take (LodgeWizard *wizard, Look *look, GError **error)
{
  if (look->facts == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&look->error));
      return LODGE_MOVE_FAILED;
    }
  g_clear_pointer (&wizard->facts, lodge_facts_free);
  wizard->facts = g_steal_pointer (&look->facts);
  g_free (wizard->disk_names);
  wizard->disk_names = g_steal_pointer (&look->disk_names);
  wizard->facts_language = lodge_language_used ();
  lodge_wizard_forget_exchanged_disks (wizard);
  return LODGE_MOVE_NEXT;
}

LodgeMove
lodge_wizard_look (LodgeWizard *wizard, GError **error)
{
  LodgeBackground *work = lodge_background_start (look_at_all, look_new (wizard), look_free);
  g_autoptr (LodgeForm) form = lodge_form_new ("look", _ ("One moment"));
  LodgeMove move = LODGE_MOVE_FAILED;
  const char *button;

  form->text = g_strdup (_ ("Looking at processors, disks and network ports...\n\nA network port "
                            "without a cable takes ten seconds."));
  button = lodge_wizard_wait (wizard, form, work, error);
  if (button != NULL)
    move = g_str_equal (button, "ended") ? take (wizard, lodge_background_data (work), error)
                                         : LODGE_MOVE_QUIT;
  lodge_background_drop (work);
  return move;
}

/* --- what was found, in another language --- */

static void
look_at_virtualization (gpointer data, GCancellable *cancellable)
{
  Look *look = data;
  const LodgeProbe probe = { .sysroot = look->sysroot };

  (void)cancellable;
  look->checks = lodge_probe_virtualization (&probe);
}

LodgeMove
lodge_wizard_tell_again (LodgeWizard *wizard, GError **error)
{
  LodgeBackground *work;
  LodgeMove move;

  if (g_strcmp0 (wizard->facts_language, lodge_language_used ()) == 0)
    return LODGE_MOVE_NEXT;
  work = lodge_background_start (look_at_virtualization, look_new (wizard), look_free);
  move = lodge_wizard_wait_saying (wizard, _ ("Looking at the processors..."), work, error);
  if (move == LODGE_MOVE_NEXT)
    {
      Look *look = lodge_background_data (work);

      g_ptr_array_unref (wizard->facts->checks);
      wizard->facts->checks = g_steal_pointer (&look->checks);
      wizard->facts_language = lodge_language_used ();
      /* The disks are read anew before they are shown: their names have the language in them. */
    }
  lodge_background_drop (work);
  return move;
}
