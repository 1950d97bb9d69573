/* What goes out of the cache.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/cache.h"

#include <sys/stat.h>
#include <time.h>

#include "builder/remove.h"

#define DAY (24 * 60 * 60)

/* How many of what is made anew are kept for later builds. */
static const struct
{
  const char *kind;
  guint count;
} kept[] = {
  { "roots", 3 }, { "toolchains", 3 }, { "programs", 8 },
  { "logs", 20 }, { "apt", 4 }, /* lists of one mirror and set of suites, 60 MB each */
};

typedef struct
{
  char *path;
  gint64 used; /* seconds */
} Entry;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->path);
  g_free (entry);
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  const Entry *first = *(const Entry *const *)a;
  const Entry *second = *(const Entry *const *)b;

  return (first->used < second->used) - (first->used > second->used);
}

/* What is in the directory but locks, the last used first; empty when it cannot be read. */
static GPtrArray *
list_entries (const char *directory)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (entry_free);
  g_autoptr (GDir) handle = g_dir_open (directory, 0, NULL);
  const char *name;

  while (handle != NULL && (name = g_dir_read_name (handle)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      struct stat status;

      /* Empty, and a build may wait for it. */
      if (g_str_has_suffix (name, ".lock"))
        continue;
      if (lstat (path, &status) == 0)
        {
          Entry *entry = g_new (Entry, 1);

          entry->path = g_steal_pointer (&path);
          entry->used = status.st_mtime;
          g_ptr_array_add (entries, entry);
        }
    }
  g_ptr_array_sort (entries, compare_newest_first);
  return entries;
}

/* Removes all entries of DIRECTORY but the first COUNT that were used after SINCE. */
static void
prune (const char *directory, guint count, gint64 since)
{
  g_autoptr (GPtrArray) entries = list_entries (directory);

  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = g_ptr_array_index (entries, i);

      if (i >= count || entry->used < since)
        lodge_remove_tree (entry->path, NULL);
    }
}

static void
prune_packages (const char *cache)
{
  g_autofree char *top = g_build_filename (cache, "packages", "sha256", NULL);
  g_autoptr (GPtrArray) directories = list_entries (top);

  for (guint i = 0; i < directories->len; i++)
    prune (((Entry *)g_ptr_array_index (directories, i))->path, G_MAXUINT,
           (gint64)time (NULL) - 90 * DAY);
}

void
lodge_cache_prune (const char *cache)
{
  g_autofree char *temporary = g_build_filename (cache, "tmp", NULL);

  prune (temporary, 0, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      g_autofree char *directory = g_build_filename (cache, kept[i].kind, NULL);

      prune (directory, kept[i].count, 0);
    }
  prune_packages (cache);
}
