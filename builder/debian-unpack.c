/* Unpacking Debian's packages without installing them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dpkg-deb and its tar run nothing of a package, but tar follows the links in the tree: one that a
 * first package has as etc/x -> /somewhere takes a second one's etc/x/file to the machine.  So they
 * run where there is no machine.
 */
#include "builder/debian-unpack.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "builder/sandbox.h"
#include "common/error.h"
#include "common/file.h"

static void
hear_nothing (const char *text, gpointer data)
{
  (void)text;
  (void)data;
}

/* The sandbox mounts /proc and others in the directory that it is made for, which would be in the
 * way of what is unpacked: an empty one, which nothing is unpacked into, stands in for it. */
static char *
make_place (const LodgeBuild *build, GError **error)
{
  g_autofree char *place = g_build_filename (build->temporary, "unpack-place", NULL);

  /* Another thread may have made it. */
  if (g_mkdir (place, 0755) != 0 && errno != EEXIST)
    {
      lodge_error_set_errno (error, errno, "make the directory %s", place);
      return NULL;
    }
  return g_steal_pointer (&place);
}

/* A file of PATHS, a line each, for xargs; its path, or NULL. */
static char *
write_list (const LodgeBuild *build, const GPtrArray *paths, GError **error)
{
  g_autofree char *path = g_build_filename (build->temporary, "unpack-XXXXXX", NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  int fd = g_mkstemp (path);

  if (fd < 0)
    {
      lodge_error_set_errno (error, errno, "make the file %s", path);
      return NULL;
    }
  close (fd);
  for (guint i = 0; i < paths->len; i++)
    g_string_append_printf (text, "%s\n", (const char *)g_ptr_array_index (paths, i));
  if (!lodge_file_replace (path, text->str, -1, 0600, error))
    return NULL;
  return g_steal_pointer (&path);
}

static gboolean
run (LodgeBuild *build, const char *place, const char *list, const char *directory, GError **error)
{
  g_autofree char *store = g_build_filename (build->cache, "packages", "sha256", NULL);
  g_autofree char *processes = g_strdup_printf ("--max-procs=%u", g_get_num_processors ());
  g_autofree char *list_option = g_strconcat ("--arg-file=", list, NULL);
  const char *const argv[]
      = { "xargs",     list_option, "--delimiter=\\n", processes, "--replace={}", "dpkg-deb",
          "--extract", "{}",        directory,         NULL };
  g_autoptr (GPtrArray) binds = g_ptr_array_new_with_free_func (g_free);
  LodgeSandbox sandbox = { .helper = build->helper, .nested = place, .binds = binds };
  GError *failure = NULL;

  g_ptr_array_add (binds, g_strdup_printf ("%s:%s:ro", store, store));
  g_ptr_array_add (binds, g_strdup_printf ("%s:%s:ro", list, list));
  g_ptr_array_add (binds, g_strdup_printf ("%s:%s", directory, directory));
  if (lodge_sandbox_run (&sandbox, argv, hear_nothing, NULL, build->cancellable, &failure))
    return TRUE;
  lodge_package_name_in_error (build, failure);
  g_propagate_error (error, failure);
  return FALSE;
}

gboolean
lodge_debian_unpack (LodgeBuild *build, const GPtrArray *paths, const char *directory,
                     GError **error)
{
  g_autofree char *place = make_place (build, error);
  g_autofree char *list = place != NULL ? write_list (build, paths, error) : NULL;

  return list != NULL && run (build, place, list, directory, error);
}
