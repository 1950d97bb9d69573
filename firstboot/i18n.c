/* Translated words of the screens.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/i18n.h"

#include "firstboot/messages.h"

#include <string.h>

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
  static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
  const char *value = NULL;
  gsize length;

  for (gsize i = 0; i < G_N_ELEMENTS (names) && (value == NULL || value[0] == '\0'); i++)
    value = g_getenv (names[i]);
  if (value == NULL)
    return languages[0].id;
  /* "zh_CN.UTF-8@pinyin" */
  length = strcspn (value, ".@");
  for (gsize i = 0; languages[i].id != NULL; i++)
    if (strlen (languages[i].id) == length && strncmp (languages[i].id, value, length) == 0)
      return languages[i].id;
  return languages[0].id;
}
