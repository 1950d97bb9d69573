/* Where the wizard is and what was typed, kept in its runtime directory.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-state.h"

#include "common/file.h"
#include "firstboot/apply.h"
#include "firstboot/i18n.h"
#include "firstboot/plan-choose.h"
#include "firstboot/terminal.h"

#include <glib/gstdio.h>
#include <string.h>

#define STATE_FILE "wizard.state"
#define ANSWERS_FILE "answers.conf"
/* Ends the keys of passwords. */
#define SECRET "#"

char *
lodge_wizard_typed_key (const LodgeForm *form, const LodgeField *field)
{
  return g_strconcat (form->id, ".", field->id, field->kind == LODGE_FIELD_PASSWORD ? SECRET : NULL,
                      NULL);
}

void
lodge_wizard_save_state (const LodgeWizard *wizard)
{
  g_autofree char *path = g_build_filename (wizard->runtime, STATE_FILE, NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *answers = lodge_answers_format (wizard->answers, TRUE);
  g_autofree char *text = NULL;
  GHashTableIter iter;
  gpointer key, value;

  if (!wizard->keeps_state)
    return;
  g_key_file_set_string (file, "wizard", "screen", wizard->screen != NULL ? wizard->screen : "");
  g_key_file_set_boolean (file, "wizard", "without-kvm", wizard->without_kvm);
  g_key_file_set_string (file, "wizard", "language", lodge_language_used ());
  g_key_file_set_string (file, "wizard", "answers", answers);
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
  g_autofree char *path = g_build_filename (wizard->runtime, STATE_FILE, NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *answers = NULL;
  g_autofree char *language = NULL;
  LodgeAnswers *parsed;
  g_auto (GStrv) keys = NULL;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
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
  language = g_key_file_get_string (file, "wizard", "language", NULL);
  if (language != NULL && g_get_charset (NULL) && !lodge_terminal_is_virtual (wizard->console))
    lodge_language_use (language);
  keys = g_key_file_get_keys (file, "typed", NULL, NULL);
  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    g_hash_table_insert (wizard->typed, g_strdup (keys[i]),
                         g_key_file_get_string (file, "typed", keys[i], NULL));
  return TRUE;
}

/* The machine was restarted in the middle: the journal has what setup began with, the report how it
 * ended. */
static void
load_plan (LodgeWizard *wizard)
{
  g_autofree char *directory = g_strconcat (wizard->probe.sysroot, LODGE_STATE_DIRECTORY, NULL);
  g_autoptr (LodgeJournal) journal = lodge_journal_open (directory, NULL);
  g_autofree char *outcome = NULL;
  g_autofree char *line = NULL;
  const LodgePlan *plan = journal != NULL ? lodge_journal_plan (journal) : NULL;
  LodgeAnswers *answers = plan != NULL ? lodge_plan_copy_answers (plan->answers, NULL) : NULL;

  if (answers == NULL)
    return;
  lodge_answers_free (wizard->answers);
  wizard->answers = answers;
  wizard->without_kvm = !plan->kvm;
  if (lodge_report_last (directory, &outcome, &line) && g_str_equal (outcome, "stopped"))
    wizard->stopped = g_steal_pointer (&line);
}

void
lodge_wizard_load_state (LodgeWizard *wizard)
{
  if (wizard->keeps_state && !load_file (wizard))
    load_plan (wizard);
}

void
lodge_wizard_forget_state (const LodgeWizard *wizard)
{
  static const char *const names[] = { STATE_FILE, ANSWERS_FILE };

  for (gsize i = 0; wizard->keeps_state && i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (wizard->runtime, names[i], NULL);
      g_unlink (path);
    }
}
