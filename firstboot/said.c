/* What `apply` said, in the language of the screens: formats are found again in what was made of
 * them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/said.h"

#include "firstboot/i18n.h"

#include <string.h>

/* Letters beside the places; a format with less fits by chance. */
#define LETTERS 11
/* Sentences in sentences: a step's, the prefix of a caller, what came of a rollback. */
#define DEPTH 4

static char *translate (const char *sentence, guint depth);

/* The length of the place ("%s", "%5.1f", "%%") that TEXT begins with, 0 when it is none; *LETTER
 * becomes its last character. */
static gsize
place_length (const char *text, char *letter)
{
  gsize length;

  if (text[0] != '%')
    return 0;
  length = 1 + strspn (text + 1, "0123456789$.*-+ #lhzj");
  *letter = text[length];
  return text[length] != '\0' ? length + 1 : 0;
}

/* What the text in a place looks like. */
static const char *
place_pattern (char letter)
{
  if (letter == '%')
    return "%";
  return strchr ("diu", letter) != NULL ? "(-?[0-9]+)" : letter == 'f' ? "([0-9.]+)" : "(.*?)";
}

/* The regular expression that what was made with FORMAT matches; *LETTERS becomes how many of its
 * own it has. */
static char *
pattern_of (const char *format, guint *letters)
{
  g_autoptr (GString) pattern = g_string_new (NULL);
  const char *rest = format;

  *letters = 0;
  while (*rest != '\0')
    {
      char letter = '\0';
      gsize length = place_length (rest, &letter);

      if (length > 0)
        g_string_append (pattern, place_pattern (letter));
      else
        {
          g_autofree char *escaped = g_regex_escape_string (rest, 1);

          length = 1;
          g_string_append (pattern, escaped);
          *letters += g_ascii_isalpha (*rest) ? 1 : 0;
        }
      rest += length;
    }
  return g_strdup (pattern->str);
}

/* What stood in a place: words may be a sentence too, a name is none. */
static char *
translate_place (const char *text, guint depth)
{
  const char *exact = lodge_translate (text);

  if (strchr (text, ' ') == NULL || depth >= DEPTH)
    return g_strdup (text);
  return exact != text ? g_strdup (exact) : translate (text, depth + 1);
}

/* FORMAT with the GROUPS of the original in its places, in order or by number ("%2$s"). */
static char *
fill (const char *format, GMatchInfo *groups, guint depth)
{
  g_autoptr (GString) text = g_string_new (NULL);
  int next = 1;

  while (*format != '\0')
    {
      char letter = '\0';
      gsize length = place_length (format, &letter);
      guint64 number = length > 0 ? g_ascii_strtoull (format + 1, NULL, 10) : 0;

      if (length == 0)
        {
          g_string_append_c (text, *format++);
          continue;
        }
      if (letter == '%')
        g_string_append_c (text, '%');
      else
        {
          gboolean numbered = memchr (format, '$', length) != NULL;
          g_autofree char *group = g_match_info_fetch (groups, numbered ? (int)number : next++);
          g_autofree char *words = translate_place (group != NULL ? group : "", depth);

          g_string_append (text, words);
        }
      format += length;
    }
  return g_strdup (text->str);
}

/* SENTENCE by the format that has most letters of its own among those that match it when the
 * regular expression BEHIND follows them; NULL when none does. */
static char *
by_format (const char *sentence, const char *behind, guint depth)
{
  const LodgeMessage *messages = lodge_translate_table ();
  g_autofree char *best = NULL;
  guint most = 0;

  for (gsize i = 0; messages != NULL && messages[i].text != NULL; i++)
    {
      guint letters;
      g_autofree char *middle = pattern_of (messages[i].text, &letters);
      g_autofree char *pattern = g_strdup_printf ("^%s%s$", middle, behind);
      g_autoptr (GRegex) regex = NULL;
      g_autoptr (GMatchInfo) groups = NULL;
      g_autofree char *rest = NULL;
      g_autofree char *words = NULL;
      g_autofree char *filled = NULL;

      if (letters < LETTERS || letters <= most)
        continue;
      regex = g_regex_new (pattern, G_REGEX_DOTALL, 0, NULL);
      if (regex == NULL || !g_regex_match (regex, sentence, 0, &groups))
        continue;
      most = letters;
      filled = fill (messages[i].translation, groups, depth);
      rest = g_match_info_fetch_named (groups, "rest");
      words = translate_place (rest != NULL ? rest : "", depth);
      g_free (best);
      best = g_strconcat (filled, words, NULL);
    }
  return g_steal_pointer (&best);
}

/* "SENTENCE (WORDS)" */
static char *
by_brackets (const char *sentence, guint depth)
{
  const char *open = g_strrstr (sentence, " (");
  g_autofree char *head = NULL;
  g_autofree char *inner = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  if (open == NULL || !g_str_has_suffix (sentence, ")") || depth >= DEPTH)
    return NULL;
  head = g_strndup (sentence, (gsize)(open - sentence));
  inner = g_strndup (open + 2, strlen (open + 2) - 1);
  first = translate (head, depth + 1);
  second = translate (inner, depth + 1);
  if (g_str_equal (first, head) || g_str_equal (second, inner))
    return NULL;
  return g_strdup_printf (_ ("%s (%s)"), first, second);
}

static char *
translate (const char *sentence, guint depth)
{
  char *found = by_brackets (sentence, depth);

  if (found == NULL)
    found = by_format (sentence, "", depth);
  /* A caller's "…: " has it in its format; ": Permission denied" is the C library's. */
  if (found == NULL)
    found = by_format (sentence, "(?<rest>(?<=: ).+|: .+)", depth);
  return found != NULL ? found : g_strdup (sentence);
}

char *
lodge_said_translate (const char *sentence)
{
  return translate (sentence, 0);
}
