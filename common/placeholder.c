/* Serial numbers that are none.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/placeholder.h"

#include <string.h>

/* What boards say when nobody filled the field in. */
static const char *const placeholders[] = {
  "to be filled by o.e.m.",
  "default string",
  "none",
  "not specified",
  "not applicable",
  "system serial number",
  "0123456789",
  "0123456789abcdef",
  "123456789",
  "123456789012",
  "n/a",
  "empty",
  "unknown",
  "invalid",
  "oem",
  "o.e.m.",
  "xxxxxxxxxx",
  "not available",
};

static gboolean
one_character_repeated (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (*c != text[0] && *c != '-' && *c != ' ')
      return FALSE;
  return TRUE;
}

gboolean
lodge_is_placeholder (const char *text)
{
  if (strlen (text) > 1 && one_character_repeated (text))
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (placeholders); i++)
    if (g_ascii_strcasecmp (text, placeholders[i]) == 0)
      return TRUE;
  return FALSE;
}
