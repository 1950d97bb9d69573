/* Hashing what something is made from.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/hash-inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "common/error.h"

void
lodge_hash_add_bytes (GChecksum *checksum, const char *name, const void *data, gsize length)
{
  guint64 size = GUINT64_TO_LE ((guint64)length);

  g_checksum_update (checksum, (const guchar *)name, (gssize)strlen (name) + 1);
  g_checksum_update (checksum, (const guchar *)&size, sizeof size);
  g_checksum_update (checksum, data, (gssize)length);
}

void
lodge_hash_add_text (GChecksum *checksum, const char *name, const char *text)
{
  if (text != NULL)
    lodge_hash_add_bytes (checksum, name, text, strlen (text));
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
list_directory (const char *path, GError **error)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (directory == NULL)
    return NULL;
  while ((name = g_dir_read_name (directory)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

/* Of a part, directories do not count: what is in them does. */
static gboolean
is_wanted (const char *name, const char *const *prefixes)
{
  if (prefixes == NULL)
    return TRUE;
  for (; *prefixes != NULL; prefixes++)
    if (g_str_has_prefix (name, *prefixes))
      return TRUE;
  return FALSE;
}

static gboolean
add_file (GChecksum *checksum, const char *path, const struct stat *status, GError **error)
{
  g_autofree char *content = NULL;
  gsize length = 0;

  if (S_ISLNK (status->st_mode))
    {
      content = g_file_read_link (path, error);
      lodge_hash_add_text (checksum, "link", content);
      return content != NULL;
    }
  if (!S_ISREG (status->st_mode) || status->st_size > LODGE_HASH_FILE_LIMIT)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "%s is neither a directory, a link nor a file below %d MiB; remove it",
                            path, LODGE_HASH_FILE_LIMIT / 1024 / 1024);
  if (!g_file_get_contents (path, &content, &length, error))
    return FALSE;
  lodge_hash_add_bytes (checksum, (status->st_mode & S_IXUSR) != 0 ? "program" : "file", content,
                        length);
  return TRUE;
}

/* NAME is the path below the tree's top with a slash before it, "" for the top itself. */
static gboolean
add_tree (GChecksum *checksum, const char *path, const char *name, const char *const *prefixes,
          GError **error)
{
  struct stat status;
  g_autoptr (GPtrArray) names = NULL;
  /* A template's directory "files" may be a link to a shared one, and those who copy it follow
   * that; links below it are copied as links. */
  int flags = *name == '\0' ? 0 : AT_SYMLINK_NOFOLLOW;

  if (fstatat (AT_FDCWD, path, &status, flags) != 0)
    return lodge_error_set_errno (error, errno, "look at %s", path);
  if (!S_ISDIR (status.st_mode) && !is_wanted (name + (*name == '/'), prefixes))
    return TRUE;
  if (!S_ISDIR (status.st_mode) || prefixes == NULL)
    lodge_hash_add_text (checksum, "path", name);
  if (!S_ISDIR (status.st_mode))
    return add_file (checksum, path, &status, error);
  names = list_directory (path, error);
  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *child = g_ptr_array_index (names, i);
      g_autofree char *child_path = g_build_filename (path, child, NULL);
      g_autofree char *child_name = g_strconcat (name, "/", child, NULL);

      if (!add_tree (checksum, child_path, child_name, prefixes, error))
        return FALSE;
    }
  return names != NULL;
}

gboolean
lodge_hash_add_tree (GChecksum *checksum, const char *path, GError **error)
{
  return add_tree (checksum, path, "", NULL, error);
}

gboolean
lodge_hash_add_part (GChecksum *checksum, const char *path, const char *const *prefixes,
                     GError **error)
{
  return add_tree (checksum, path, "", prefixes, error);
}
