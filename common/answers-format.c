/* Answers written down.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/answers-table.h"

#include <string.h>

char *
lodge_answers_format (const LodgeAnswers *answers, gboolean with_secrets)
{
  g_autoptr (LodgeAnswers) defaults = lodge_answers_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  const char *section = NULL;
  gsize count;
  const LodgeAnswerKey *rows = lodge_answer_keys (&count);

  for (gsize i = 0; i < count; i++)
    {
      g_autofree char *value = lodge_answer_key_format (&rows[i], answers);
      g_autofree char *initial = lodge_answer_key_format (&rows[i], defaults);

      if (strcmp (value, initial) == 0)
        continue;
      if (g_strcmp0 (section, rows[i].section) != 0)
        {
          g_string_append_printf (text, "%s[%s]\n", text->len > 0 ? "\n" : "", rows[i].section);
          section = rows[i].section;
        }
      if (rows[i].secret && !with_secrets)
        g_string_append_printf (text, "# %s= was given and is left out here\n", rows[i].key);
      else
        g_string_append_printf (text, "%s=%s\n", rows[i].key, value);
    }
  return g_strdup (text->str);
}
