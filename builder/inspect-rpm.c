/* The packages in an image, from rpm's database.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rpm writes to a database that it reads (sqlite's shared memory), so it gets a copy.  Where it
 * knows none of the files that it finds it makes an empty database, and tells of no package and no
 * failure: an image always has packages, and none means that they could not be read.
 */
#include "builder/inspect.h"

#include <glib/gstdio.h>

#include "builder/paths.h"
#include "builder/remove.h"
#include "common/error.h"
#include "common/run.h"

/* Release 9's, and from release 10 on. */
static const char *const directories[] = { "/var/lib/rpm", "/usr/lib/sysimage/rpm" };

/* rpm's formats, the newest first.  Each is known by its first file; what was not yet written back,
 * or has to be undone, stands in the others. */
static const struct
{
  const char *backend;
  const char *files[4];
} formats[] = {
  { "sqlite", { "rpmdb.sqlite", "rpmdb.sqlite-wal", "rpmdb.sqlite-journal" } },
  { "ndb", { "Packages.db", "Index.db" } },
  { "bdb_ro", { "Packages" } },
};

typedef struct
{
  gsize format;
  const char *directory; /* NULL: there is none */
} Database;

static gboolean
find_database (guestfs_h *g, Database *database, GError **error)
{
  database->directory = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (formats) && database->directory == NULL; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (directories); j++)
      {
        g_autofree char *path = g_build_filename (directories[j], formats[i].files[0], NULL);
        int found = guestfs_is_file (g, path);

        if (found < 0)
          return lodge_guestfs_error (g, error, "look for %s in the image", path);
        if (found != 0)
          *database = (Database){ .format = i, .directory = directories[j] };
      }
  return TRUE;
}

static gboolean
copy_database (guestfs_h *g, const Database *database, const char *target, GError **error)
{
  const char *const *files = formats[database->format].files;

  for (gsize i = 0; files[i] != NULL; i++)
    {
      g_autofree char *from = g_build_filename (database->directory, files[i], NULL);
      g_autofree char *to = g_build_filename (target, files[i], NULL);
      int found = guestfs_is_file (g, from);

      if (found < 0 || (found != 0 && guestfs_download (g, from, to) != 0))
        return lodge_guestfs_error (g, error, "copy %s out of the image", from);
    }
  return TRUE;
}

static void
warn_unread (JsonObject *facts, const char *backend)
{
  lodge_inspect_warn (
      facts, g_strdup_printf ("the image's package database is in rpm's format %s, in which this "
                              "machine's rpm finds no package: the packages are those of the "
                              "image's manifest",
                              backend));
}

gboolean
lodge_inspect_rpm_database (const char *program, const char *directory, const char *backend,
                            JsonObject *facts, GCancellable *cancellable, GError **error)
{
  g_autofree char *choice = g_strconcat ("_db_backend ", backend, NULL);
  const char *const argv[] = { program,
                               "--define",
                               choice,
                               "--dbpath",
                               directory,
                               "--query",
                               "--all",
                               "--nosignature",
                               "--nodigest",
                               "--queryformat",
                               "%{NAME} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE} %{ARCH}\\n",
                               NULL };
  g_autoptr (GError) failure = NULL;
  g_autofree char *list = lodge_run (argv, NULL, cancellable, &failure);
  g_autoptr (JsonArray) packages = NULL;

  if (list == NULL
      && (g_str_equal (backend, formats[0].backend) || g_cancellable_is_cancelled (cancellable)))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&failure),
                                  "read the image's package database: ");
      return FALSE;
    }
  packages = lodge_inspect_rpm_list (list != NULL ? list : "");
  /* Few programs called rpm read a format that is not made any more. */
  if (json_array_get_length (packages) == 0)
    warn_unread (facts, backend);
  else
    json_object_set_array_member (facts, "packages", g_steal_pointer (&packages));
  return TRUE;
}

gboolean
lodge_inspect_read_rpm (guestfs_h *g, JsonObject *facts, GCancellable *cancellable, GError **error)
{
  g_autofree char *program = lodge_paths_program ("rpm");
  g_autofree char *target = NULL;
  g_autoptr (GError) failure = NULL;
  Database database = { 0 };
  gboolean done;

  if (!find_database (g, &database, error))
    return FALSE;
  if (database.directory == NULL)
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
  done = copy_database (g, &database, target, error)
         && lodge_inspect_rpm_database (program, target, formats[database.format].backend, facts,
                                        cancellable, error);
  return lodge_remove_tree (target, done ? error : NULL) && done;
}
