/* The packages in an image, from rpm's database.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rpm writes to a database that it reads (sqlite's shared memory): it gets a copy.
 */
#include "builder/inspect.h"

#include <glib/gstdio.h>

#include "builder/paths.h"
#include "builder/remove.h"
#include "common/error.h"
#include "common/run.h"

/* Release 9's, and from release 10 on. */
static const char *const directories[] = { "/var/lib/rpm", "/usr/lib/sysimage/rpm" };
/* What was not yet written back stands in the second one. */
static const char *const files[] = { "rpmdb.sqlite", "rpmdb.sqlite-wal" };

/* Where the database is; *DIRECTORY is NULL when there is none. */
static gboolean
find_database (guestfs_h *g, const char **directory, GError **error)
{
  *directory = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *path = g_build_filename (directories[i], files[0], NULL);
      int found = guestfs_is_file (g, path);

      if (found < 0)
        return lodge_guestfs_error (g, error, "look for %s in the image", path);
      if (found != 0)
        *directory = directories[i];
    }
  return TRUE;
}

static gboolean
copy_database (guestfs_h *g, const char *directory, const char *target, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *from = g_build_filename (directory, files[i], NULL);
      g_autofree char *to = g_build_filename (target, files[i], NULL);
      int found = guestfs_is_file (g, from);

      if (found < 0 || (found != 0 && guestfs_download (g, from, to) != 0))
        return lodge_guestfs_error (g, error, "copy %s out of the image", from);
    }
  return TRUE;
}

static gboolean
list_packages (const char *program, const char *database, JsonObject *facts,
               GCancellable *cancellable, GError **error)
{
  const char *const argv[] = { program,
                               "--dbpath",
                               database,
                               "--query",
                               "--all",
                               "--nosignature",
                               "--nodigest",
                               "--queryformat",
                               "%{NAME} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE} %{ARCH}\\n",
                               NULL };
  g_autofree char *list = lodge_run (argv, NULL, cancellable, error);

  if (list == NULL)
    {
      g_prefix_error (error, "read the image's package database: ");
      return FALSE;
    }
  json_object_set_array_member (facts, "packages", lodge_inspect_rpm_list (list));
  return TRUE;
}

gboolean
lodge_inspect_read_rpm (guestfs_h *g, JsonObject *facts, GCancellable *cancellable, GError **error)
{
  g_autofree char *program = lodge_paths_program ("rpm");
  g_autofree char *target = NULL;
  g_autoptr (GError) failure = NULL;
  const char *directory;
  gboolean done;

  if (!find_database (g, &directory, error))
    return FALSE;
  if (directory == NULL)
    return TRUE;
  if (program == NULL)
    {
      lodge_inspect_warn (
          facts, g_strdup ("rpm is not installed here, so that the image's package database "
                           "cannot be read: the packages are those of its manifest"));
      return TRUE;
    }
  target = g_dir_make_tmp ("lodge-inspect-XXXXXX", &failure);
  if (target == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "make a temporary directory: %s",
                            failure->message);
  done = copy_database (g, directory, target, error)
         && list_packages (program, target, facts, cancellable, error);
  return lodge_remove_tree (target, done ? error : NULL) && done;
}
