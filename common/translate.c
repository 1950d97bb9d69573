/* Sentences in the language of whoever reads them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/translate.h"

/* The language is one for the process, as with gettext(3): every _() depends on it, and none could
 * be handed a context. */
static const LodgeMessage *table = NULL;

void
lodge_translate_with (const LodgeMessage *messages)
{
  table = messages;
}

const LodgeMessage *
lodge_translate_table (void)
{
  return table;
}

const char *
lodge_translate (const char *text)
{
  for (gsize i = 0; table != NULL && table[i].text != NULL; i++)
    if (g_str_equal (table[i].text, text))
      return table[i].translation;
  return text;
}
