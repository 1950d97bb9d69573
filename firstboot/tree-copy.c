/* Files and directories kept the same as others, and removed.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/tree-copy.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/file.h"

/* UEFI variables take half a megabyte, the state of a TPM some kilobytes. */
#define FILE_LIMIT (64 * 1024 * 1024)

static gboolean
replace (const char *data, gsize length, const char *target, guint *changed, GError **error)
{
  gsize old_length = 0;
  g_autofree char *old = lodge_file_read (target, FILE_LIMIT, &old_length, NULL);

  if (old != NULL && old_length == length && memcmp (old, data, length) == 0)
    return TRUE;
  if (!lodge_file_replace (target, data, (gssize)length, 0600, error))
    return FALSE;
  if (changed != NULL)
    (*changed)++;
  return TRUE;
}

gboolean
lodge_copy_text (const char *text, const char *target, guint *changed, GError **error)
{
  return replace (text, strlen (text), target, changed, error);
}

gboolean
lodge_copy_file (const char *source, const char *target, guint *changed, GError **error)
{
  gsize length = 0;
  g_autofree char *data = lodge_file_read (source, FILE_LIMIT, &length, error);

  return data != NULL && replace (data, length, target, changed, error);
}

static gboolean
make_directory (const char *path, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return TRUE;
  return lodge_file_make_directory (path, 0700, error) && lodge_file_sync_directory (path, error);
}

static gboolean
open_directory (const char *path, GDir **directory, GError **error)
{
  g_autoptr (GError) problem = NULL;

  *directory = g_dir_open (path, 0, &problem);
  return *directory != NULL
         || lodge_error_set (error, LODGE_ERROR_FAILED, "read the directory %s: %s", path,
                             problem->message);
}

/* What TARGET has and SOURCE has not. */
static gboolean
remove_others (const char *source, const char *target, guint *changed, GError **error)
{
  g_autoptr (GDir) directory = NULL;
  const char *name;

  if (!open_directory (target, &directory, error))
    return FALSE;
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *from = g_build_filename (source, name, NULL);
      g_autofree char *to = g_build_filename (target, name, NULL);

      if (!g_file_test (from, G_FILE_TEST_EXISTS) && !lodge_remove_tree (to, changed, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
lodge_copy_tree (const char *source, const char *target, guint *changed, GError **error)
{
  g_autoptr (GDir) directory = NULL;
  const char *name;

  if (!open_directory (source, &directory, error) || !make_directory (target, error))
    return FALSE;
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *from = g_build_filename (source, name, NULL);
      g_autofree char *to = g_build_filename (target, name, NULL);
      struct stat status;
      gboolean good = TRUE;

      if (name[0] == '.' || lstat (from, &status) != 0)
        continue;
      if (S_ISDIR (status.st_mode))
        good = lodge_copy_tree (from, to, changed, error);
      else if (S_ISREG (status.st_mode))
        good = lodge_copy_file (from, to, changed, error);
      if (!good)
        return FALSE;
    }
  return remove_others (source, target, changed, error);
}

gboolean
lodge_remove_tree (const char *path, guint *changed, GError **error)
{
  struct stat status;

  if (lstat (path, &status) != 0)
    return errno == ENOENT || errno == ENOTDIR
           || lodge_error_set_errno (error, errno, "look at %s", path);
  if (S_ISDIR (status.st_mode))
    {
      g_autoptr (GDir) directory = NULL;
      const char *name;

      if (!open_directory (path, &directory, error))
        return FALSE;
      while ((name = g_dir_read_name (directory)) != NULL)
        {
          g_autofree char *inner = g_build_filename (path, name, NULL);

          if (!lodge_remove_tree (inner, NULL, error))
            return FALSE;
        }
    }
  if (g_remove (path) != 0)
    return lodge_error_set_errno (error, errno, "remove %s", path);
  if (changed != NULL)
    (*changed)++;
  return lodge_file_sync_directory (path, error);
}
