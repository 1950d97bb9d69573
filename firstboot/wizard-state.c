/* Where the wizard is and what was typed, kept in its runtime directory.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-state.h"

#include "common/answers-table.h"
#include "common/file.h"
#include "firstboot/apply.h"
#include "firstboot/begin.h"
#include "firstboot/i18n.h"
#include "firstboot/plan-choose.h"
#include "firstboot/setup-run.h"
#include "firstboot/terminal.h"

#include <glib/gstdio.h>
#include <string.h>

#define STATE_FILE "wizard.state"
/* Of a change: neither takes what was typed for the other. */
#define CHANGE_FILE "reconfigure.state"
/* Ends the keys of passwords. */
#define SECRET "#"

char *
lodge_wizard_typed_key (const LodgeForm *form, const LodgeField *field)
{
  return g_strconcat (form->id, ".", field->id, field->kind == LODGE_FIELD_PASSWORD ? SECRET : NULL,
                      NULL);
}

static char *
state_path (const LodgeWizard *wizard)
{
  return g_build_filename (wizard->runtime, wizard->present != NULL ? CHANGE_FILE : STATE_FILE,
                           NULL);
}

/* What the host is, to tell whether what was typed was typed over that; "" for setup. */
static char *
present_text (const LodgeWizard *wizard)
{
  return wizard->present != NULL ? lodge_answers_format (wizard->present->answers, FALSE)
                                 : g_strdup ("");
}

gboolean
lodge_wizard_has_state (const LodgeWizard *wizard)
{
  g_autofree char *path = state_path (wizard);

  return wizard->keeps_state && g_file_test (path, G_FILE_TEST_EXISTS);
}

void
lodge_wizard_save_state (const LodgeWizard *wizard)
{
  g_autofree char *path = state_path (wizard);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *answers = lodge_answers_format (wizard->answers, TRUE);
  g_autofree char *present = present_text (wizard);
  g_autofree char *text = NULL;
  GHashTableIter iter;
  gpointer key, value;

  if (!wizard->keeps_state)
    return;
  g_key_file_set_string (file, "wizard", "screen", wizard->screen != NULL ? wizard->screen : "");
  g_key_file_set_boolean (file, "wizard", "without-kvm", wizard->without_kvm);
  g_key_file_set_string (file, "wizard", "language", lodge_language_used ());
  g_key_file_set_string (file, "wizard", "answers", answers);
  g_key_file_set_string (file, "wizard", "present", present);
  g_key_file_set_boolean (file, "wizard", "applied", wizard->applied);
  if (wizard->stopped != NULL)
    g_key_file_set_string (file, "wizard", "stopped", wizard->stopped);
  g_hash_table_iter_init (&iter, wizard->typed);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (!g_str_has_suffix (key, SECRET))
      g_key_file_set_string (file, "typed", key, value);
  text = g_key_file_to_data (file, NULL, NULL);
  lodge_file_replace (path, text, -1, 0600, NULL);
}

static gboolean
load_file (LodgeWizard *wizard)
{
  g_autofree char *path = state_path (wizard);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *answers = NULL;
  g_autofree char *language = NULL;
  g_autofree char *present = present_text (wizard);
  g_autofree char *present_then = NULL;
  LodgeAnswers *parsed;
  g_auto (GStrv) keys = NULL;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return FALSE;
  present_then = g_key_file_get_string (file, "wizard", "present", NULL);
  if (g_strcmp0 (present_then, present) != 0)
    return FALSE;
  answers = g_key_file_get_string (file, "wizard", "answers", NULL);
  parsed
      = answers != NULL ? lodge_answers_parse (path, answers, strlen (answers), NULL, NULL) : NULL;
  if (parsed == NULL)
    return FALSE;
  lodge_answers_free (wizard->answers);
  wizard->answers = parsed;
  wizard->without_kvm = g_key_file_get_boolean (file, "wizard", "without-kvm", NULL);
  g_free (wizard->screen);
  wizard->screen = g_key_file_get_string (file, "wizard", "screen", NULL);
  wizard->applied = g_key_file_get_boolean (file, "wizard", "applied", NULL);
  g_free (wizard->stopped);
  wizard->stopped = g_key_file_get_string (file, "wizard", "stopped", NULL);
  language = g_key_file_get_string (file, "wizard", "language", NULL);
  if (language != NULL && g_get_charset (NULL) && !lodge_terminal_is_virtual (wizard->console))
    lodge_language_use (language);
  keys = g_key_file_get_keys (file, "typed", NULL, NULL);
  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    g_hash_table_insert (wizard->typed, g_strdup (keys[i]),
                         g_key_file_get_string (file, "typed", keys[i], NULL));
  return TRUE;
}

LodgeJournal *
lodge_wizard_open_journal (const LodgeWizard *wizard, GError **error)
{
  g_autofree char *directory = g_strconcat (wizard->probe.sysroot, LODGE_STATE_DIRECTORY, NULL);

  return lodge_journal_open (directory, error);
}

/* Asked each time, as a setup that fails may have made it.  That the journal cannot be read is told
 * by the summary. */
gboolean
lodge_wizard_keeps_storage (const LodgeWizard *wizard)
{
  g_autoptr (LodgeJournal) journal = NULL;

  if (wizard->present != NULL)
    return TRUE;
  journal = lodge_wizard_open_journal (wizard, NULL);
  return journal != NULL && lodge_begin_storage_is_made (journal);
}

/* The machine was restarted in the middle: the journal has what setup began with, the report how it
 * ended. */
static gboolean
load_plan (LodgeWizard *wizard, GError **error)
{
  g_autofree char *directory = g_strconcat (wizard->probe.sysroot, LODGE_STATE_DIRECTORY, NULL);
  g_autoptr (LodgeJournal) journal = lodge_wizard_open_journal (wizard, error);
  g_autofree char *outcome = NULL;
  g_autofree char *line = NULL;
  const LodgePlan *plan = journal != NULL ? lodge_journal_plan (journal) : NULL;
  LodgeAnswers *answers;

  if (plan == NULL)
    return journal != NULL;
  answers = lodge_plan_copy_answers (plan->answers, error);
  if (answers == NULL)
    return FALSE;
  lodge_answers_free (wizard->answers);
  wizard->answers = answers;
  wizard->without_kvm = !plan->kvm;
  if (lodge_report_last (directory, &outcome, &line) && g_str_equal (outcome, "stopped"))
    wizard->stopped = g_steal_pointer (&line);
  return TRUE;
}

/* Another setup than the one that was typed here (`apply` by hand, say) may have made the VM
 * storage: no screen asks about it then, so what was typed about it must not stand in the way. */
static gboolean
keep_storage (LodgeWizard *wizard, GError **error)
{
  g_autoptr (LodgeJournal) journal = NULL;
  gsize count;
  const LodgeAnswerKey *rows = lodge_answer_keys (&count);

  if (!lodge_wizard_keeps_storage (wizard))
    return TRUE;
  journal = lodge_wizard_open_journal (wizard, error);
  if (journal == NULL)
    return FALSE;
  for (gsize i = 0; i < count; i++)
    {
      g_autofree char *value = NULL;

      if (!g_str_equal (rows[i].section, "storage"))
        continue;
      value = lodge_answer_key_format (&rows[i], lodge_journal_plan (journal)->answers);
      lodge_answer_key_reset (&rows[i], wizard->answers);
      if (value[0] != '\0' && !lodge_answer_key_parse (&rows[i], value, wizard->answers, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
lodge_wizard_load_state (LodgeWizard *wizard, GError **error)
{
  if (!wizard->keeps_state)
    return TRUE;
  if (load_file (wizard))
    return wizard->present != NULL || keep_storage (wizard, error);
  return wizard->present != NULL || load_plan (wizard, error);
}

void
lodge_wizard_forget_state (const LodgeWizard *wizard)
{
  g_autofree char *state = state_path (wizard);

  if (!wizard->keeps_state)
    return;
  g_unlink (state);
  lodge_setup_forget (wizard->runtime);
}
