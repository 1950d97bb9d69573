/* Owners of packages' files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/el-owners.h"

#include <string.h>

#include "builder/root-check.h"
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
static void
add_packages (GPtrArray *argv, const LodgeBuild *build)
{
  for (guint i = 0; i < build->packages->len; i++)
    g_ptr_array_add (argv, ((LodgePackage *)g_ptr_array_index (build->packages, i))->name);
  g_ptr_array_add (argv, NULL);
}

static gboolean
restore (LodgeElTree *tree, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  g_ptr_array_add (argv, (gpointer) "rpm");
  g_ptr_array_add (argv, (gpointer) "--restore");
  add_packages (argv, tree->build);
  return lodge_el_tree_run (tree, (const char *const *)argv->pdata, error);
}

/* --- is it so now --- */

/* Columns of rpm --verify's lines: "SM5DLUGTP  c /etc/file", dots for what is right. */
enum
{
  MODE = 1,
  USER = 5,
  GROUP = 6,
  CAPABILITIES = 8,
  N_FLAGS,
  ATTRIBUTE = 11,
  PATH = 13,
};

/* The path when LINE tells of a wrong owner, mode or capability, or NULL.  What scripts made in a
 * package's name ("g") is theirs. */
static const char *
find_wrong (const char *line)
{
  if (strspn (line, "SM5DLUGTP.?") != N_FLAGS || strlen (line) <= PATH || line[PATH] != '/')
    return NULL;
  if (line[MODE] == '.' && line[USER] == '.' && line[GROUP] == '.' && line[CAPABILITIES] == '.')
    return NULL;
  return line[ATTRIBUTE] != 'g' ? line + PATH : NULL;
}

/* What rpm says of the packages' owners, modes and capabilities; its status is 1 when it finds any
 * difference, or a file that a script has removed, which is no affair of this. */
static char *
read_differences (LodgeElTree *tree, GError **error)
{
  static const char *const words[]
      = { "rpm",      "--verify",  "--nodeps",   "--noscripts", "--nofiledigest",
          "--nosize", "--nomtime", "--nolinkto", "--nordev" };
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_auto (GStrv) variables = lodge_el_tree_environment (tree);
  LodgeSandbox sandbox = lodge_el_tree_sandbox (tree, variables);
  GString *text = g_string_new (NULL);
  GError *failure = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    g_ptr_array_add (argv, (gpointer)words[i]);
  add_packages (argv, tree->build);
  if (lodge_sandbox_run (&sandbox, (const char *const *)argv->pdata, lodge_root_append_line, text,
                         tree->build->cancellable, &failure)
      || strstr (text->str, "  /") != NULL || strstr (text->str, " c /") != NULL)
    {
      g_clear_error (&failure);
      return g_string_free (text, FALSE);
    }
  g_string_free (text, TRUE);
  g_propagate_prefixed_error (error, failure, "look at files' owners: ");
  return NULL;
}

/* How many packages have PATH: a directory of several is as one of them wants it. */
static gboolean
count_packages (LodgeElTree *tree, const char *path, guint *count, GError **error)
{
  const char *const query[] = { "rpm", "--query", "--file", path, NULL };
  g_autofree char *list = lodge_el_tree_read_quietly (tree, query, error);
  g_auto (GStrv) names = list != NULL ? g_strsplit (g_strchomp (list), "\n", -1) : NULL;

  *count = names != NULL ? g_strv_length (names) : 0;
  return list != NULL;
}

/* rpm --restore ends with status 0 whatever it could not do. */
static gboolean
verify (LodgeElTree *tree, GError **error)
{
  g_autofree char *list = read_differences (tree, error);
  g_auto (GStrv) lines = list != NULL ? g_strsplit (list, "\n", -1) : NULL;
  g_autoptr (GHashTable) wrong = g_hash_table_new (g_str_hash, g_str_equal);

  if (list == NULL)
    return FALSE;
  for (char **line = lines; *line != NULL; line++)
    {
      const char *path = find_wrong (*line);
      guint times = path != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (wrong, path)) + 1 : 0;
      guint packages = 0;

      if (path == NULL)
        continue;
      g_hash_table_insert (wrong, (gpointer)path, GUINT_TO_POINTER (times));
      if (!count_packages (tree, path, &packages, error))
        return FALSE;
      if (times >= packages)
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                "%s has not the owner, mode or capabilities that its package says, "
                                "and rpm --restore does not mend that (%s)",
                                path, *line);
    }
  return TRUE;
}

gboolean
lodge_el_mend_owners (LodgeElTree *tree, GError **error)
{
  const char *const sysusers[] = { "systemd-sysusers", NULL };

  return lodge_el_tree_run (tree, sysusers, error)
         && check_names (tree, "FILEUSERNAME", "etc/passwd", error)
         && check_names (tree, "FILEGROUPNAME", "etc/group", error) && restore (tree, error)
         && verify (tree, error);
}
