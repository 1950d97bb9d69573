/* The console keymaps that a system has: kbd's on EL, console-data's on Debian.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/keymaps.h"

#include "common/file.h"

#include <string.h>

#define MODEL_MAP_LIMIT (1024 * 1024)

static const char *const directories[]
    = { "/usr/lib/kbd/keymaps", "/usr/share/kbd/keymaps", "/usr/share/keymaps" };

/* The keymap of the file NAME ("de.map.gz", "de.kmap": "de"), or NULL. */
static char *
keymap_of (const char *name)
{
  static const char *const suffixes[] = { ".kmap.gz", ".map.gz", ".kmap", ".map" };

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (name, suffixes[i]))
      return g_strndup (name, strlen (name) - strlen (suffixes[i]));
  return NULL;
}

/* "include" holds pieces of keymaps; other machines' keyboards are not plugged into a PC. */
static gboolean
is_worth_entering (const char *name)
{
  static const char *const skipped[]
      = { "include", "amiga", "atari", "mac", "sun", "pine", "ppc", NULL };

  return !g_strv_contains (skipped, name);
}

static void
collect (const char *directory, GHashTable *names)
{
  g_autoptr (GDir) entries = g_dir_open (directory, 0, NULL);
  const char *name;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      char *keymap = keymap_of (name);

      if (keymap != NULL)
        g_hash_table_add (names, keymap);
      else if (is_worth_entering (name) && g_file_test (path, G_FILE_TEST_IS_DIR)
               && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        collect (path, names);
    }
}

static GHashTable *
collect_all (const char *root)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *directory = g_strconcat (root, directories[i], NULL);
      collect (directory, names);
    }
  return names;
}

gboolean
lodge_keymaps_have (const char *root, const char *keymap)
{
  g_autoptr (GHashTable) names = collect_all (root);

  return g_hash_table_contains (names, keymap);
}

gboolean
lodge_keymaps_are_known (const char *root)
{
  g_autofree char *map = g_strconcat (root, LODGE_MODEL_MAP, NULL);
  g_autoptr (GHashTable) names = collect_all (root);

  return g_hash_table_size (names) > 0 || g_file_test (map, G_FILE_TEST_IS_REGULAR);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
lodge_keymaps_list (const char *root)
{
  g_autoptr (GHashTable) names = collect_all (root);
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer name;

  g_hash_table_add (names, g_strdup (LODGE_KERNEL_KEYMAP));
  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (list, g_strdup (name));
  g_ptr_array_sort (list, compare);
  return list;
}

GStrv
lodge_keymap_model (const char *root, const char *keymap)
{
  g_autofree char *path = g_strconcat (root, LODGE_MODEL_MAP, NULL);
  g_autofree char *text = lodge_file_read (path, MODEL_MAP_LIMIT, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GPtrArray) row = g_ptr_array_new_with_free_func (g_free);
      g_auto (GStrv) words = g_strsplit_set (lines[i], " \t", -1);

      for (guint j = 0; words[j] != NULL; j++)
        if (words[j][0] != '\0')
          g_ptr_array_add (row, g_strdup (g_str_equal (words[j], "-") ? "" : words[j]));
      if (row->len != 5 || !g_str_equal (row->pdata[0], keymap))
        continue;
      g_ptr_array_set_free_func (row, NULL);
      g_ptr_array_add (row, NULL);
      return (GStrv)g_ptr_array_free (g_steal_pointer (&row), FALSE);
    }
  return NULL;
}
