/* The kernels' modules in a root tree, and what modprobe(8) knows of them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/root-modules.h"

#include <string.h>

#include "builder/tree.h"
#include "common/error.h"

/* The module's name, as modprobe(8) takes it, of the file PATH; NULL when it is no module's: one
 * ends in .ko, and in its compression's name. */
static char *
module_name (const char *path)
{
  static const char *const endings[] = { ".ko", ".ko.xz", ".ko.zst", ".ko.gz" };
  const char *slash = strrchr (path, '/');
  const char *base = slash != NULL ? slash + 1 : path;

  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (base, endings[i]))
      return g_strdelimit (g_strndup (base, strlen (base) - strlen (endings[i])), "-", '_');
  return NULL;
}

/* By name and not by path: of two of one name depmod(8) takes one (depmod.d(5), "override"). */
static GHashTable *
known_modules (const char *dependencies)
{
  GHashTable *known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) lines = g_strsplit (dependencies, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      char *colon = strchr (*line, ':');
      char *name;

      if (colon == NULL)
        continue;
      *colon = '\0';
      name = module_name (*line);
      if (name != NULL)
        g_hash_table_add (known, name);
    }
  return known;
}

/* Looks below DIRECTORY (relative to TREE). */
static char *
find_unknown (const char *tree, const char *directory, GHashTable *known)
{
  g_auto (GStrv) names = lodge_tree_list (tree, directory, "");

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *path = g_build_filename (directory, *name, NULL);
      g_autofree char *module = module_name (*name);
      char *unknown;

      if (module != NULL)
        {
          if (!g_hash_table_contains (known, module))
            return g_steal_pointer (&path);
          continue;
        }
      /* Links to where the kernel was compiled, or to its headers. */
      if (strcmp (*name, "build") == 0 || strcmp (*name, "source") == 0)
        continue;
      unknown = find_unknown (tree, path, known); /* none below what is no directory */
      if (unknown != NULL)
        return unknown;
    }
  return NULL;
}

static char *
read_dependencies (const char *tree, const char *version)
{
  g_autofree char *path = g_build_filename (LODGE_ROOT_MODULES, version, "modules.dep", NULL);

  return lodge_tree_has (tree, path) ? lodge_tree_read (tree, path, NULL) : NULL;
}

char *
lodge_root_unknown_module (const char *tree, const char *version)
{
  g_autofree char *directory = g_build_filename (LODGE_ROOT_MODULES, version, NULL);
  g_autofree char *text = read_dependencies (tree, version);
  g_autoptr (GHashTable) known = known_modules (text != NULL ? text : "");
  char *unknown = find_unknown (tree, directory, known);

  if (unknown == NULL)
    return NULL;
  memmove (unknown, unknown + strlen (directory) + 1, strlen (unknown) - strlen (directory));
  return unknown;
}

gboolean
lodge_root_check_modules (const char *tree, const char *version, GError **error)
{
  g_autofree char *text = read_dependencies (tree, version);
  g_autofree char *unknown = NULL;

  if (text == NULL || *text == '\0')
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "Linux %s could load none of its modules: depmod made no "
                            "/" LODGE_ROOT_MODULES "/%s/modules.dep",
                            version, version);
  unknown = lodge_root_unknown_module (tree, version);
  if (unknown != NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "Linux %s could not load its module %s: depmod did not see it", version,
                            unknown);
  return TRUE;
}
