/* An RPM distribution's tree, and programs that run in it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/el-tree.h"

#include "builder/cache.h"
#include "builder/root-check.h"
#include "common/file.h"

LodgeElTree *
lodge_el_tree_new (LodgeBuild *build, GError **error)
{
  g_autoptr (LodgeElTree) tree = g_new0 (LodgeElTree, 1);
  g_autofree char *log = lodge_cache_log_path (build->cache, build->plan->template->name, "root");

  tree->build = build;
  tree->path = g_build_filename (build->temporary, "root", NULL);
  tree->saved = g_build_filename (build->temporary, LODGE_EL_SAVED, NULL);
  tree->log = lodge_sandbox_log_new (log, error);
  if (tree->log == NULL)
    return NULL;
  if (!lodge_file_make_directory (tree->path, 0755, error))
    return NULL;
  return g_steal_pointer (&tree);
}

void
lodge_el_tree_free (LodgeElTree *tree)
{
  if (tree == NULL)
    return;
  /* Now, as it is large.  Other users of the range own files in it, which only the sandbox can
   * remove.  What it cannot remove is tried again, and told of, with all of `temporary`:
   * build-session.c. */
  lodge_sandbox_remove (tree->build->helper, tree->path, NULL);
  lodge_sandbox_log_free (tree->log);
  g_free (tree->path);
  g_free (tree->saved);
  g_free (tree);
}

char **
lodge_el_tree_environment (const LodgeElTree *tree)
{
  g_autofree char *epoch = g_strdup_printf ("%" G_GINT64_FORMAT, tree->build->epoch);
  char **variables = g_strdupv ((char **)lodge_sandbox_environment ());

  return g_environ_setenv (variables, "SOURCE_DATE_EPOCH", epoch, TRUE);
}

LodgeSandbox
lodge_el_tree_sandbox (const LodgeElTree *tree, char **variables)
{
  return (LodgeSandbox){ .helper = tree->build->helper,
                         .root = tree->path,
                         .tree = TRUE,
                         .environment = (const char *const *)variables };
}

gboolean
lodge_el_tree_run (LodgeElTree *tree, const char *const *argv, GError **error)
{
  g_auto (GStrv) variables = lodge_el_tree_environment (tree);
  LodgeSandbox sandbox = lodge_el_tree_sandbox (tree, variables);

  return lodge_sandbox_log_run (tree->log, &sandbox, argv, tree->build->cancellable, error);
}

char *
lodge_el_tree_read (LodgeElTree *tree, const char *const *argv, GError **error)
{
  g_auto (GStrv) variables = lodge_el_tree_environment (tree);
  LodgeSandbox sandbox = lodge_el_tree_sandbox (tree, variables);
  GString *text = g_string_new (NULL);

  if (lodge_sandbox_log_listen (tree->log, &sandbox, argv, lodge_root_append_line, text,
                                tree->build->cancellable, error))
    return g_string_free (text, FALSE);
  g_string_free (text, TRUE);
  return NULL;
}

char *
lodge_el_tree_read_quietly (LodgeElTree *tree, const char *const *argv, GError **error)
{
  g_auto (GStrv) variables = lodge_el_tree_environment (tree);
  LodgeSandbox sandbox = lodge_el_tree_sandbox (tree, variables);
  GString *text = g_string_new (NULL);

  if (lodge_sandbox_run (&sandbox, argv, lodge_root_append_line, text, tree->build->cancellable,
                         error))
    return g_string_free (text, FALSE);
  g_string_free (text, TRUE);
  return NULL;
}
