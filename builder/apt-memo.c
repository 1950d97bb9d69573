/* Answers of apt.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/apt-memo.h"

#include <string.h>

#include "builder/remove.h"
#include "common/file.h"

enum
{
  LIMIT = 16 * 1024 * 1024, /* bytes */
};

/* To be raised when an answer's form changes. */
#define FORM "1"

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
list_names (const char *path)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* Of all InRelease files, which hold the digests of everything else; NULL when there is none. */
static char *
hash_lists (const char *directory)
{
  g_autofree char *lists = g_build_filename (directory, "lists", NULL);
  g_autoptr (GPtrArray) names = list_names (lists);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gboolean any = FALSE;

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *path = g_build_filename (lists, name, NULL);
      g_autofree char *text = NULL;
      gsize length;

      if (!g_str_has_suffix (name, "Release") || !g_file_get_contents (path, &text, &length, NULL))
        continue;
      g_checksum_update (checksum, (const guchar *)name, (gssize)strlen (name) + 1);
      g_checksum_update (checksum, (const guchar *)text, (gssize)length);
      any = TRUE;
    }
  return any ? g_strdup (g_checksum_get_string (checksum)) : NULL;
}

static char *
answer_path (const char *directory, const char *lists, const char *request)
{
  g_autofree char *whole = g_strconcat (FORM "\n", request, NULL);
  g_autofree char *name = g_compute_checksum_for_string (G_CHECKSUM_SHA256, whole, -1);

  return g_build_filename (directory, "answers", lists, name, NULL);
}

char *
lodge_apt_memo_find (const char *directory, const char *request)
{
  g_autofree char *lists = hash_lists (directory);
  g_autofree char *path = lists != NULL ? answer_path (directory, lists, request) : NULL;

  return path != NULL ? lodge_file_read (path, LIMIT, NULL, NULL) : NULL;
}

void
lodge_apt_memo_keep (const char *directory, const char *request, const char *answer)
{
  g_autofree char *lists = hash_lists (directory);
  g_autofree char *answers = g_build_filename (directory, "answers", NULL);
  g_autoptr (GPtrArray) names = list_names (answers);
  g_autofree char *path = NULL;

  if (lists == NULL)
    return;
  for (guint i = 0; i < names->len; i++)
    if (strcmp (g_ptr_array_index (names, i), lists) != 0)
      {
        g_autofree char *old = g_build_filename (answers, g_ptr_array_index (names, i), NULL);

        lodge_remove_tree (old, NULL);
      }
  path = answer_path (directory, lists, request);
  lodge_file_replace (path, answer, -1, 0600, NULL);
}
