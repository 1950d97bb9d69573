/* Owners of packages' files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/el-owners.h"

#include <string.h>

#include "builder/tree.h"
#include "common/error.h"

/* Names that are before the first colon of the lines of FILE. */
static GHashTable *
read_names (const LodgeElTree *tree, const char *file, GError **error)
{
  g_autofree char *text = lodge_tree_read (tree->path, file, error);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;
  GHashTable *names;

  if (text == NULL)
    return NULL;
  names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (char **line = lines; *line != NULL; line++)
    g_hash_table_add (names, g_strndup (*line, strcspn (*line, ":")));
  return names;
}

/* Whether each name that TAG of the packages' files holds is in FILE (etc/passwd, etc/group). */
static gboolean
check_names (LodgeElTree *tree, const char *tag, const char *file, GError **error)
{
  g_autofree char *format = g_strdup_printf ("[%%{%s}\\n]", tag);
  const char *const query[] = { "rpm", "--query", "--all", "--queryformat", format, NULL };
  g_autoptr (GHashTable) known = read_names (tree, file, error);
  g_autofree char *list = known != NULL ? lodge_el_tree_read_quietly (tree, query, error) : NULL;
  g_auto (GStrv) names = list != NULL ? g_strsplit (list, "\n", -1) : NULL;

  if (list == NULL)
    return FALSE;
  for (char **name = names; *name != NULL; name++)
    if (**name != '\0' && !g_hash_table_contains (known, *name))
      return lodge_error_set (error, LODGE_ERROR_FAILED,
                              "files of a package belong to %s, which is not in /%s of the image",
                              *name, file);
  return TRUE;
}

/* Not --all: the signing key is in the database like a package, and cannot be restored. */
static gboolean
restore (LodgeElTree *tree, GError **error)
{
  const GPtrArray *packages = tree->build->packages;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  g_ptr_array_add (argv, (gpointer) "rpm");
  g_ptr_array_add (argv, (gpointer) "--restore");
  for (guint i = 0; i < packages->len; i++)
    g_ptr_array_add (argv, ((LodgePackage *)g_ptr_array_index (packages, i))->name);
  g_ptr_array_add (argv, NULL);
  return lodge_el_tree_run (tree, (const char *const *)argv->pdata, error);
}

gboolean
lodge_el_mend_owners (LodgeElTree *tree, GError **error)
{
  const char *const sysusers[] = { "systemd-sysusers", NULL };

  return lodge_el_tree_run (tree, sysusers, error)
         && check_names (tree, "FILEUSERNAME", "etc/passwd", error)
         && check_names (tree, "FILEGROUPNAME", "etc/group", error) && restore (tree, error);
}
