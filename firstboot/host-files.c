/* Small work on the host's configuration files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/host-files.h"

#include "common/file.h"

#include <string.h>

#define FILE_LIMIT (1024 * 1024)

char *
lodge_host_path (const char *root, const char *path)
{
  return g_strconcat (root, path, NULL);
}

gboolean
lodge_host_has (const char *root, const char *path)
{
  g_autofree char *full = lodge_host_path (root, path);

  return g_file_test (full, G_FILE_TEST_EXISTS);
}

char *
lodge_host_target (const char *root, const char *path)
{
  g_autofree char *full = lodge_host_path (root, path);
  g_autofree char *target = g_file_read_link (full, NULL);
  g_autofree char *directory = NULL;

  if (target == NULL)
    return g_steal_pointer (&full);
  if (g_path_is_absolute (target))
    return lodge_host_path (root, target);
  directory = g_path_get_dirname (full);
  return g_canonicalize_filename (target, directory);
}

/* Whether LINE assigns KEY. */
static gboolean
assigns (const char *line, const char *key)
{
  while (g_ascii_isspace (*line))
    line++;
  return g_str_has_prefix (line, key) && line[strlen (key)] == '=';
}

gboolean
lodge_host_assign (const char *root, const char *path, const char *const *pairs, GError **error)
{
  g_autofree char *target = lodge_host_target (root, path);
  g_autofree char *old = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  if (g_file_test (target, G_FILE_TEST_EXISTS))
    {
      old = lodge_file_read (target, FILE_LIMIT, NULL, error);
      if (old == NULL)
        return FALSE;
    }
  lines = g_strsplit (old != NULL ? old : "", "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      gboolean ours = FALSE;

      for (guint j = 0; pairs[j] != NULL; j += 2)
        ours = ours || assigns (lines[i], pairs[j]);
      if (!ours && (lines[i][0] != '\0' || lines[i + 1] != NULL))
        g_string_append_printf (text, "%s\n", lines[i]);
    }
  for (guint j = 0; pairs[j] != NULL; j += 2)
    g_string_append_printf (text, "%s=\"%s\"\n", pairs[j], pairs[j + 1]);
  return lodge_file_replace (target, text->str, -1, 0644, error);
}

char *
lodge_host_assigned (const char *root, const char *path, const char *key)
{
  g_autofree char *target = lodge_host_target (root, path);
  g_autofree char *text = lodge_file_read (target, FILE_LIMIT, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  char *value = NULL;

  for (guint i = 0; lines[i] != NULL; i++)
    if (assigns (lines[i], key))
      {
        g_free (value);
        value = g_shell_unquote (g_strstrip (strchr (lines[i], '=') + 1), NULL);
      }
  return value;
}

gboolean
lodge_host_write (const char *root, const char *path, const char *text, gboolean *changed,
                  GError **error)
{
  g_autofree char *full = lodge_host_path (root, path);
  g_autofree char *old = lodge_file_read (full, FILE_LIMIT, NULL, NULL);

  if (changed != NULL)
    *changed = g_strcmp0 (old, text) != 0;
  return g_strcmp0 (old, text) == 0 || lodge_file_replace (full, text, -1, 0644, error);
}
