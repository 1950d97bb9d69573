/* Where Lodge's own files are.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/paths.h"

#include <string.h>

#include "common/error.h"

#define HELPER "lodge-sandbox"

void
lodge_paths_free (LodgePaths *paths)
{
  if (paths == NULL)
    return;
  g_free (paths->source);
  g_free (paths->templates);
  g_free (paths->helper);
  g_free (paths);
}

static gboolean
is_source (const char *directory)
{
  g_autofree char *templates = g_build_filename (directory, "templates", NULL);
  g_autofree char *firstboot = g_build_filename (directory, "firstboot", NULL);

  return g_file_test (templates, G_FILE_TEST_IS_DIR) && g_file_test (firstboot, G_FILE_TEST_IS_DIR);
}

/* The first of CANDIDATES that holds our files, as an absolute path. */
static char *
find_source (const char *const *candidates)
{
  for (guint i = 0; candidates[i] != NULL; i++)
    if (is_source (candidates[i]))
      return g_canonicalize_filename (candidates[i], NULL);
  return NULL;
}

/* Beside the program in a build tree, below libexec when installed. */
static char *
find_helper (const char *directory)
{
  g_autofree char *beside = g_build_filename (directory, HELPER, NULL);
  g_autofree char *parent = g_path_get_dirname (directory);
  g_autofree char *installed = g_build_filename (parent, "libexec", "lodge", HELPER, NULL);

  if (g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&beside);
  if (g_file_test (installed, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&installed);
  return NULL;
}

LodgePaths *
lodge_paths_find (GError **error)
{
  g_autoptr (LodgePaths) paths = g_new0 (LodgePaths, 1);
  g_autofree char *program = g_file_read_link ("/proc/self/exe", error);
  g_autofree char *directory = NULL;
  g_autofree char *parent = NULL;
  g_autofree char *shared = NULL;
  const char *top = g_getenv ("LODGE_TOP");

  if (program == NULL)
    return NULL;
  directory = g_path_get_dirname (program);
  parent = g_path_get_dirname (directory);
  shared = g_build_filename (parent, "share", "lodge", NULL);
  if (top != NULL && *top != '\0')
    paths->source = find_source ((const char *const[]){ top, NULL });
  else
    paths->source = find_source ((const char *const[]){ shared, parent, NULL });
  if (paths->source == NULL)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "Lodge's templates/ and firstboot/ are not in %s%s%s; set LODGE_TOP to the "
                       "directory that holds them, or install Lodge",
                       top != NULL && *top != '\0' ? top : shared,
                       top != NULL && *top != '\0' ? "" : " or ",
                       top != NULL && *top != '\0' ? "" : parent);
      return NULL;
    }
  paths->templates = g_build_filename (paths->source, "templates", NULL);
  paths->helper = find_helper (directory);
  if (paths->helper == NULL)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "the program " HELPER " is neither in %s nor in %s/libexec/lodge; build or "
                       "install Lodge whole",
                       directory, parent);
      return NULL;
    }
  return g_steal_pointer (&paths);
}

char *
lodge_paths_cache (const char *directory)
{
  g_autofree char *standard = g_build_filename (g_get_user_cache_dir (), "lodge", NULL);

  return g_canonicalize_filename (directory != NULL ? directory : standard, NULL);
}

char *
lodge_paths_program (const char *name)
{
  static const char *const more[] = { "/usr/sbin", "/sbin" };
  char *found = g_find_program_in_path (name);

  for (gsize i = 0; found == NULL && i < G_N_ELEMENTS (more); i++)
    {
      g_autofree char *path = g_build_filename (more[i], name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        found = g_steal_pointer (&path);
    }
  return found;
}
