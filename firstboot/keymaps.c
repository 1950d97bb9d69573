/* The console keymaps that an image has: kbd's on EL, console-data's on Debian.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/keymaps.h"

#include "firstboot/host-files.h"
#include "firstboot/i18n.h"

#include <string.h>

static const char *const directories[]
    = { "/usr/lib/kbd/keymaps", "/usr/share/kbd/keymaps", "/usr/share/keymaps" };

/* Files begin with these in the order in which people look for their own. */
static const struct
{
  const char *keymap;
  const char *title;
} titles[] = {
  { "us", N_ ("English (US)") },
  { "uk", N_ ("English (UK)") },
  { "gb", N_ ("English (UK)") },
  { "de", N_ ("German") },
  { "de-latin1", N_ ("German") },
  { "de-latin1-nodeadkeys", N_ ("German, no dead keys") },
  { "de_CH-latin1", N_ ("German (Switzerland)") },
  { "sg-latin1", N_ ("German (Switzerland)") },
  { "fr", N_ ("French") },
  { "fr-latin9", N_ ("French") },
  { "fr_CH-latin1", N_ ("French (Switzerland)") },
  { "be-latin1", N_ ("Belgian") },
  { "be2-latin1", N_ ("Belgian") },
  { "es", N_ ("Spanish") },
  { "la-latin1", N_ ("Spanish (Latin America)") },
  { "pt-latin1", N_ ("Portuguese") },
  { "br-abnt2", N_ ("Portuguese (Brazil)") },
  { "it", N_ ("Italian") },
  { "nl", N_ ("Dutch") },
  { "dk", N_ ("Danish") },
  { "dk-latin1", N_ ("Danish") },
  { "no", N_ ("Norwegian") },
  { "no-latin1", N_ ("Norwegian") },
  { "se-latin1", N_ ("Swedish") },
  { "sv-latin1", N_ ("Swedish") },
  { "fi", N_ ("Finnish") },
  { "fi-latin1", N_ ("Finnish") },
  { "pl", N_ ("Polish") },
  { "pl2", N_ ("Polish") },
  { "cz-lat2", N_ ("Czech") },
  { "hu", N_ ("Hungarian") },
  { "ru", N_ ("Russian") },
  { "trq", N_ ("Turkish (Q)") },
  { "jp106", N_ ("Japanese") },
  { "dvorak", N_ ("English (Dvorak)") },
};

const char *
lodge_keymap_title (const char *keymap)
{
  for (gsize i = 0; i < G_N_ELEMENTS (titles); i++)
    if (g_str_equal (titles[i].keymap, keymap))
      return _ (titles[i].title);
  return NULL;
}

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
      g_autofree char *directory = lodge_host_path (root, directories[i]);
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
