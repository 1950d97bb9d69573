/* A directory tree of the build machine, as part of the overlay.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/overlay-private.h"
#include "common/error.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean add_below (LodgeOverlay *overlay, const char *directory, const char *prefix,
                           GError **error);

/* Whether a link at PATH to TARGET stays inside the root.  An absolute target is the image's own;
 * one with more ".." than PATH has parents would be resolved to the root there, but says that
 * somebody meant another place. */
static gboolean
stays_inside (const char *path, const char *target)
{
  g_auto (GStrv) parents = g_strsplit (path, "/", -1);
  g_auto (GStrv) parts = g_strsplit (target, "/", -1);
  int depth = g_path_is_absolute (target) ? 0 : (int)g_strv_length (parents) - 1;

  for (char **part = parts; *part != NULL; part++)
    {
      if (strcmp (*part, "..") == 0)
        depth--;
      else if (**part != '\0' && strcmp (*part, ".") != 0)
        depth++;
      if (depth < 0)
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_link (LodgeOverlay *overlay, const char *source, const char *path, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *target = g_file_read_link (source, &failure);

  if (target == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "read the link %s: %s", source,
                            failure->message);
  if (!stays_inside (path, target))
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "%s links to %s, which is outside the image; make it a link inside it",
                            source, target);
  lodge_overlay_add_link (overlay, path, target);
  return TRUE;
}

static gboolean
add_one (LodgeOverlay *overlay, const char *source, const char *path, GError **error)
{
  struct stat status;

  if (lstat (source, &status) != 0)
    return lodge_error_set_errno (error, errno, "look at %s", source);
  switch (status.st_mode & S_IFMT)
    {
    case S_IFREG:
      lodge_overlay_add_file (overlay, path, source, (status.st_mode & S_IXUSR) != 0);
      return TRUE;
    case S_IFLNK:
      return add_link (overlay, source, path, error);
    case S_IFDIR:
      return add_below (overlay, source, path, error);
    default:
      return lodge_error_set (error, LODGE_ERROR_USAGE,
                              "%s is a device, a pipe or a socket, which a template cannot give; "
                              "let tmpfiles.d(5) make it on the host",
                              source);
    }
}

/* Adds what is in DIRECTORY below PREFIX ("" for the root). */
static gboolean
add_below (LodgeOverlay *overlay, const char *directory, const char *prefix, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GDir) handle = g_dir_open (directory, 0, &failure);
  gboolean empty = TRUE;
  const char *name;

  if (handle == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "read the directory %s: %s", directory,
                            failure->message);
  while ((name = g_dir_read_name (handle)) != NULL)
    {
      g_autofree char *source = g_build_filename (directory, name, NULL);
      g_autofree char *path
          = *prefix == '\0' ? g_strdup (name) : g_build_filename (prefix, name, NULL);

      empty = FALSE;
      if (!add_one (overlay, source, path, error))
        return FALSE;
    }
  if (empty && *prefix != '\0')
    lodge_overlay_add_directory (overlay, prefix);
  return TRUE;
}

gboolean
lodge_overlay_add_tree (LodgeOverlay *overlay, const char *directory, GError **error)
{
  return add_below (overlay, directory, "", error);
}

static gboolean
check_entry (LodgeOverlay *overlay, const LodgeOverlayEntry *entry, GError **error)
{
  g_autofree char *path = g_strdup (entry->path);
  char *slash;

  while ((slash = strrchr (path, '/')) != NULL)
    {
      const LodgeOverlayEntry *parent;

      *slash = '\0';
      parent = g_hash_table_lookup (overlay, path);
      if (parent != NULL && parent->kind != LODGE_OVERLAY_DIRECTORY)
        return lodge_error_set (error, LODGE_ERROR_USAGE,
                                "/%s is a %s, and /%s (%s) lies below it; one of them has to go",
                                path, parent->kind == LODGE_OVERLAY_LINK ? "link" : "file",
                                entry->path, entry->source != NULL ? entry->source : "Lodge's own");
    }
  return TRUE;
}

gboolean
lodge_overlay_check (LodgeOverlay *overlay, GError **error)
{
  g_autoptr (GPtrArray) entries = lodge_overlay_sorted (overlay);

  for (guint i = 0; i < entries->len; i++)
    if (!check_entry (overlay, g_ptr_array_index (entries, i), error))
      return FALSE;
  return TRUE;
}
