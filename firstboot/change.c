/* The answers of a change.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/change.h"

#include "common/keyfile.h"
#include "firstboot/answer-sources.h"

#include <string.h>

/* TEXT with the sections that it has no head of, as they are in PRESENT. */
static char *
complete (const char *file, const char *text, gsize length, const LodgeAnswers *present,
          GError **error)
{
  g_autoptr (LodgeKeyfile) given = lodge_keyfile_parse (file, text, length, error);
  g_autofree char *present_text = lodge_answers_format (present, TRUE);
  g_autoptr (LodgeKeyfile) now
      = lodge_keyfile_parse ("present", present_text, strlen (present_text), NULL);
  g_autoptr (GString) all = g_string_new_len (text, (gssize)length);

  if (given == NULL)
    return NULL;
  g_string_append_c (all, '\n');
  for (guint i = 0; i < now->sections->len; i++)
    {
      const LodgeKeyfileSection *section = now->sections->pdata[i];

      if (lodge_keyfile_section (given, section->name) != NULL)
        continue;
      g_string_append_printf (all, "[%s]\n", section->name);
      for (guint j = 0; j < section->entries->len; j++)
        {
          const LodgeKeyfileEntry *entry = section->entries->pdata[j];
          g_string_append_printf (all, "%s=%s\n", entry->key, entry->value);
        }
    }
  return g_strdup (all->str);
}

LodgeAnswers *
lodge_change_load (const char *root, const char *file, const LodgePresent *present, GError **error)
{
  const LodgeProbe probe = { .sysroot = root };
  g_autoptr (LodgeHost) host = lodge_probe_host (&probe, error);
  g_auto (LodgeAnswerText) text = { 0 };
  g_autofree char *all = NULL;

  if (host == NULL || lodge_source_file (file, file, &text, error) != LODGE_SOURCE_FOUND)
    return NULL;
  all = complete (file, text.text, text.length, present->answers, error);
  return all != NULL ? lodge_answers_parse (file, all, strlen (all), host->identity, error) : NULL;
}

char *
lodge_change_format (const LodgeAnswers *answers)
{
  static const char *const sections[] = { "access", "network", "libvirt" };
  g_autofree char *text = lodge_answers_format (answers, TRUE);
  g_autoptr (LodgeKeyfile) file = lodge_keyfile_parse ("answers", text, strlen (text), NULL);
  g_autoptr (GString) all = g_string_new (text);

  for (gsize i = 0; i < G_N_ELEMENTS (sections); i++)
    if (lodge_keyfile_section (file, sections[i]) == NULL)
      g_string_append_printf (all, "%s[%s]\n", all->len > 0 ? "\n" : "", sections[i]);
  return g_strdup (all->str);
}

LodgePlan *
lodge_change_plan (const LodgeFacts *facts, const LodgePresent *present,
                   const LodgeAnswers *answers, GError **error)
{
  const LodgePlanPresent what = lodge_present_for_plan (present);

  return lodge_plan_change (facts, &what, answers, error);
}
