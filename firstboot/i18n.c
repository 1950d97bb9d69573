/* Translated words of the screens.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/i18n.h"

#include "firstboot/messages.h"

static const LodgeLanguage languages[] = {
  { "en", "English" },
  { "zh_CN", "\xe4\xb8\xad\xe6\x96\x87" },
  { NULL, NULL },
};

/* In the order of the languages; English is what stands in the sources. */
static const LodgeMessage *const tables[] = { NULL, lodge_messages_zh_CN };

const LodgeLanguage *
lodge_languages (void)
{
  return languages;
}

void
lodge_language_use (const char *id)
{
  gsize language = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    if (g_str_equal (languages[i].id, id))
      language = i;
  lodge_translate_with (tables[language]);
}

const char *
lodge_language_used (void)
{
  gsize language = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    if (tables[i] == lodge_translate_table ())
      language = i;
  return languages[language].id;
}

const char *
lodge_language_of_environment (void)
{
  const char *const *wanted = g_get_language_names ();

  for (gsize i = 0; wanted[i] != NULL; i++)
    for (gsize j = 0; languages[j].id != NULL; j++)
      if (g_str_equal (languages[j].id, wanted[i]))
        return languages[j].id;
  return languages[0].id;
}
