/* Checksum files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/checksums.h"

#include <string.h>

#include "builder/format.h"

enum
{
  DIGITS = 64,
};

/* A line is 64 digits, a blank, a blank or '*', and the name; one that begins with a backslash has
 * backslashes, newlines and carriage returns in the name escaped.  FALSE when LINE is none. */
static gboolean
parse_line (const char *line, char **digest, char **name)
{
  gboolean escaped = *line == '\\';
  const char *text = line + (escaped ? 1 : 0);

  if (strspn (text, "0123456789abcdefABCDEF") != DIGITS || text[DIGITS] != ' '
      || (text[DIGITS + 1] != ' ' && text[DIGITS + 1] != '*') || text[DIGITS + 2] == '\0')
    return FALSE;
  *digest = g_ascii_strdown (text, DIGITS);
  *name = escaped ? g_strcompress (text + DIGITS + 2) : g_strdup (text + DIGITS + 2);
  return TRUE;
}

char *
lodge_checksums_find (const char *text, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      g_autofree char *digest = NULL;
      g_autofree char *found = NULL;

      if (parse_line (*line, &digest, &found) && strcmp (found, name) == 0)
        return g_steal_pointer (&digest);
    }
  return NULL;
}

gboolean
lodge_checksums_are_of (const char *text, const char *stem)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *beginning = g_strconcat (stem, ".", NULL);

  for (char **line = lines; *line != NULL; line++)
    {
      g_autofree char *digest = NULL;
      g_autofree char *name = NULL;
      g_autofree char *base = NULL;

      if (**line == '\0')
        continue;
      if (!parse_line (*line, &digest, &name))
        return FALSE;
      base = g_path_get_basename (name);
      if (!g_str_has_prefix (base, beginning))
        return FALSE;
    }
  return TRUE;
}

char *
lodge_checksums_merge (const char *fresh, const char *earlier, const char *directory)
{
  GString *text = g_string_new (fresh);
  g_auto (GStrv) lines = g_strsplit (earlier != NULL ? earlier : "", "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      g_autofree char *digest = NULL;
      g_autofree char *name = NULL;
      g_autofree char *present = NULL;
      g_autofree char *path = NULL;

      if (!parse_line (*line, &digest, &name))
        continue;
      present = lodge_checksums_find (text->str, name);
      path = g_build_filename (directory, name, NULL);
      if (present == NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR))
        g_string_append_printf (text, "%s\n", *line);
    }
  return g_string_free (text, FALSE);
}

char **
lodge_checksums_files (const char *image)
{
  g_autofree char *names = lodge_format_names ();
  g_auto (GStrv) list = g_strsplit (names, ", ", -1);
  GPtrArray *paths = g_ptr_array_new ();

  for (char **name = list; *name != NULL; name++)
    {
      const char *suffix = lodge_format_find (*name)->suffix;

      if (g_str_has_suffix (image, suffix))
        {
          g_autofree char *base = g_strndup (image, strlen (image) - strlen (suffix));

          g_ptr_array_add (paths, g_strconcat (base, ".sha256", NULL));
        }
    }
  g_ptr_array_add (paths, g_strconcat (image, ".sha256", NULL));
  g_ptr_array_add (paths, NULL);
  return (char **)g_ptr_array_free (paths, FALSE);
}
