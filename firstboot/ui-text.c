/* Text in columns of a terminal.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/ui-text.h"

#include <string.h>

static guint
character_columns (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

guint
lodge_text_columns (const char *text)
{
  guint columns = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    columns += character_columns (g_utf8_get_char (p));
  return columns;
}

/* Characters that no line begins with, and such that none ends with. */
static gboolean
closes (gunichar c)
{
  return g_utf8_strchr ("。，、；：！？）》〉」』】〕”’…—·％,.;:!?)]}%", -1, c) != NULL;
}

static gboolean
opens (gunichar c)
{
  return g_utf8_strchr ("（《〈「『【〔", -1, c) != NULL;
}

/* The byte length of the part of LINE that fits WIDTH columns and ends where a line may end. */
static gsize
fitting (const char *line, guint width)
{
  guint columns = 0;
  const char *best = NULL;
  const char *p = line;

  while (*p != '\0')
    {
      gunichar c = g_utf8_get_char (p);

      if (columns + character_columns (c) > width)
        break;
      columns += character_columns (c);
      p = g_utf8_next_char (p);
      if (c != ' ' && g_unichar_iswide (c) && !opens (c)
          && (*p == '\0' || !closes (g_utf8_get_char (p))))
        best = p;
      if (*p == ' ')
        best = p;
    }
  if (*p == '\0' || best == NULL)
    best = p;
  /* At least one character, however narrow it is: every call has to get on. */
  if (best == line && *line != '\0')
    best = g_utf8_next_char (line);
  return (gsize)(best - line);
}

static void
wrap_line (GPtrArray *lines, const char *line, guint width)
{
  gsize indent = strspn (line, " ");
  g_autofree char *blanks = NULL;

  if (indent >= width / 2)
    indent = 0;
  blanks = g_strnfill (indent, ' ');
  line += indent;
  do
    {
      gsize length = fitting (line, width - (guint)indent);
      g_autofree char *part = g_strndup (line, length);

      g_ptr_array_add (lines, g_strconcat (blanks, g_strchomp (part), NULL));
      line += length;
      while (*line == ' ')
        line++;
    }
  while (*line != '\0');
}

GStrv
lodge_text_wrap (const char *text, guint width)
{
  GPtrArray *lines = g_ptr_array_new ();
  g_auto (GStrv) given = g_strsplit (text, "\n", -1);

  for (guint i = 0; given[i] != NULL; i++)
    {
      /* What follows the last line end is no line. */
      if (given[i + 1] == NULL && given[i][0] == '\0' && i > 0)
        break;
      wrap_line (lines, given[i], MAX (width, 2));
    }
  g_ptr_array_add (lines, NULL);
  return (GStrv)g_ptr_array_free (lines, FALSE);
}

char *
lodge_text_fill (const char *text, guint width)
{
  g_auto (GStrv) lines = lodge_text_wrap (text, width);

  return g_strjoinv ("\n", lines);
}

char *
lodge_text_pad (const char *text, guint width)
{
  GString *padded = g_string_new (NULL);
  guint columns = lodge_text_columns (text);
  guint room = columns > width ? MAX (width, 2) - 2 : width;
  guint used = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (used + character_columns (c) > room)
        break;
      used += character_columns (c);
      g_string_append_unichar (padded, c);
    }
  if (columns > width)
    {
      g_string_append (padded, "..");
      used += 2;
    }
  for (; used < width; used++)
    g_string_append_c (padded, ' ');
  return g_string_free (padded, FALSE);
}
