/* Dates of Release files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/apt-date.h"

#include <stdio.h>
#include <string.h>

#include "common/error.h"
#include "common/file.h"

enum
{
  LIMIT = 16 * 1024 * 1024, /* bytes */
};

gboolean
lodge_apt_date_parse (const char *text, gint64 *seconds)
{
  static const char *const months[]
      = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  static const char *const zones[] = { "UTC", "GMT", "Z", "+0000", NULL };
  int day, year, hour, minute, second;
  char month[4];
  char zone[6];

  if (sscanf (text, " %*3s, %d %3s %d %d:%d:%d %5s", &day, month, &year, &hour, &minute, &second,
              zone)
          != 7
      || !g_strv_contains (zones, zone))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (months); i++)
    if (strcmp (month, months[i]) == 0)
      {
        g_autoptr (GDateTime) date
            = g_date_time_new_utc (year, (gint)i + 1, day, hour, minute, second);

        *seconds = date != NULL ? g_date_time_to_unix (date) : 0;
        return date != NULL;
      }
  return FALSE;
}

static gboolean
find_date (const char *release, gint64 *seconds)
{
  static const char field[] = "Date:";
  g_auto (GStrv) lines = g_strsplit (release, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (g_ascii_strncasecmp (*line, field, strlen (field)) == 0)
      return lodge_apt_date_parse (*line + strlen (field), seconds);
  return FALSE;
}

gboolean
lodge_apt_date_read (const char *lists, const char *suite, gint64 *seconds, GError **error)
{
  /* apt's names are URIs with '/' turned into '_'. */
  g_autofree char *in_release = g_strconcat ("_dists_", suite, "_InRelease", NULL);
  g_autofree char *release = g_strconcat ("_dists_", suite, "_Release", NULL);
  g_autoptr (GDir) directory = g_dir_open (lists, 0, error);
  const char *name;

  if (directory == NULL)
    return FALSE;
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (lists, name, NULL);
      g_autofree char *text = NULL;

      if (!g_str_has_suffix (name, in_release) && !g_str_has_suffix (name, release))
        continue;
      text = lodge_file_read (path, LIMIT, NULL, error);
      if (text == NULL)
        return FALSE;
      if (find_date (text, seconds))
        return TRUE;
      return lodge_error_set (error, LODGE_ERROR_FAILED,
                              "%s has no date that can be understood; set SOURCE_DATE_EPOCH", path);
    }
  return lodge_error_set (error, LODGE_ERROR_FAILED, "the package lists of %s are not in %s", suite,
                          lists);
}
