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

/* As the table is: one for the process. */
static gsize used = 0;

const LodgeLanguage *
lodge_languages (void)
{
  return languages;
}

void
lodge_language_use (const char *id)
{
  used = 0;
  for (gsize i = 0; languages[i].id != NULL; i++)
    if (g_str_equal (languages[i].id, id))
      used = i;
  lodge_translate_with (tables[used]);
}

const char *
lodge_language_used (void)
{
  return languages[used].id;
}
