/* Reading the small text files of the running or of a captured machine.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/probe-files.h"
#include "common/keyfile.h"
#include "common/number.h"

#include <limits.h>
#include <stdlib.h>

gboolean
lodge_probe_is_captured (const LodgeProbe *probe)
{
  return probe->sysroot != NULL && probe->sysroot[0] != '\0';
}

static char *
path_valist (const LodgeProbe *probe, const char *format, va_list arguments)
{
  g_autofree char *path = g_strdup_vprintf (format, arguments);

  return g_strconcat (lodge_probe_is_captured (probe) ? probe->sysroot : "", path, NULL);
}

/* Declares PATH from the format and arguments of a variadic function. */
#define PATH_FROM_ARGUMENTS(path)                                                                  \
  g_autofree char *path = NULL;                                                                    \
  va_list arguments;                                                                               \
  va_start (arguments, format);                                                                    \
  path = path_valist (probe, format, arguments);                                                   \
  va_end (arguments)

char *
lodge_probe_path (const LodgeProbe *probe, const char *format, ...)
{
  PATH_FROM_ARGUMENTS (path);

  return g_steal_pointer (&path);
}

gboolean
lodge_probe_exists (const LodgeProbe *probe, const char *format, ...)
{
  PATH_FROM_ARGUMENTS (path);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

char *
lodge_probe_read (const LodgeProbe *probe, const char *format, ...)
{
  g_autofree char *text = NULL;
  PATH_FROM_ARGUMENTS (path);

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  g_strstrip (text);
  return text[0] == '\0' ? NULL : g_steal_pointer (&text);
}

GBytes *
lodge_probe_read_bytes (const LodgeProbe *probe, const char *format, ...)
{
  char *data = NULL;
  gsize length = 0;
  PATH_FROM_ARGUMENTS (path);

  if (!g_file_get_contents (path, &data, &length, NULL))
    return NULL;
  return g_bytes_new_take (data, length);
}

gint64
lodge_probe_number (const LodgeProbe *probe, gint64 fallback, const char *format, ...)
{
  g_autofree char *text = NULL;
  guint64 number;
  PATH_FROM_ARGUMENTS (path);

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return fallback;
  g_strstrip (text);
  if (*text == '-')
    return lodge_number_parse (text + 1, 0, G_MAXINT64, &number) ? -(gint64)number : fallback;
  return lodge_number_parse (text, 0, G_MAXINT64, &number) ? (gint64)number : fallback;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strverscmp (*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
lodge_probe_list (const LodgeProbe *probe, const char *format, ...)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) directory = NULL;
  const char *name;
  PATH_FROM_ARGUMENTS (path);

  directory = g_dir_open (path, 0, NULL);
  if (directory == NULL)
    return names;
  while ((name = g_dir_read_name (directory)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

char *
lodge_probe_link_name (const LodgeProbe *probe, const char *format, ...)
{
  g_autofree char *target = NULL;
  PATH_FROM_ARGUMENTS (path);

  target = g_file_read_link (path, NULL);
  return target == NULL ? NULL : g_path_get_basename (target);
}

char *
lodge_probe_resolve (const LodgeProbe *probe, const char *format, ...)
{
  g_autofree char *root = NULL;
  g_autofree char *resolved = NULL;
  PATH_FROM_ARGUMENTS (path);

  /* realpath(3) allocates with malloc(), which g_free() frees since GLib 2.46. */
  resolved = realpath (path, NULL);
  if (resolved == NULL || !lodge_probe_is_captured (probe))
    return g_steal_pointer (&resolved);
  root = realpath (probe->sysroot, NULL);
  if (root == NULL || !g_str_has_prefix (resolved, root))
    return NULL;
  return g_strdup (resolved + strlen (root));
}

char *
lodge_capture_value (const LodgeProbe *probe, const char *section, const char *key)
{
  g_autofree char *path = lodge_probe_path (probe, LODGE_CAPTURE_DIRECTORY "/machine.conf");
  g_autoptr (LodgeKeyfile) keyfile = lodge_keyfile_load (path, NULL);
  const LodgeKeyfileSection *found;

  if (keyfile == NULL)
    return NULL;
  found = lodge_keyfile_section (keyfile, section);
  for (guint i = 0; found != NULL && i < found->entries->len; i++)
    {
      const LodgeKeyfileEntry *entry = g_ptr_array_index (found->entries, i);

      if (g_str_equal (entry->key, key))
        return g_strdup (entry->value);
    }
  return NULL;
}
