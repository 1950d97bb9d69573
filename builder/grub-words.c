/* Kernel parameters in GRUB's language.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/grub-words.h"

#include <string.h>

char *
lodge_grub_quote_words (const char *command_line)
{
  static const char plain[] = G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "=,.:/@%+_-";
  g_auto (GStrv) words = g_strsplit (command_line, " ", -1);
  GString *text = g_string_new (NULL);

  for (char **word = words; *word != NULL; word++)
    if (**word != '\0')
      {
        const char *quote = (*word)[strspn (*word, plain)] == '\0' ? "" : "'";

        g_string_append_printf (text, "%s%s%s%s", text->len > 0 ? " " : "", quote, *word, quote);
      }
  return g_string_free (text, FALSE);
}
