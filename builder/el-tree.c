/* An RPM distribution's tree, and programs that run in it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/el-tree.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "builder/root-check.h"
#include "common/error.h"

LodgeElTree *
lodge_el_tree_new (LodgeBuild *build, GError **error)
{
  g_autoptr (LodgeElTree) tree = g_new0 (LodgeElTree, 1);
  g_autofree char *name = g_strconcat (build->plan->template->name, "-root.log", NULL);
  g_autofree char *log = g_build_filename (build->cache, "logs", name, NULL);

  tree->build = build;
  tree->path = g_build_filename (build->work, "root", NULL);
  tree->saved = g_build_filename (build->work, LODGE_EL_SAVED, NULL);
  tree->log = lodge_sandbox_log_new (log, error);
  if (tree->log == NULL)
    return NULL;
  if (g_mkdir (tree->path, 0755) != 0)
    {
      lodge_error_set_errno (error, errno, "make the directory %s", tree->path);
      return NULL;
    }
  return g_steal_pointer (&tree);
}

void
lodge_el_tree_free (LodgeElTree *tree)
{
  g_autoptr (GError) failure = NULL;

  if (tree == NULL)
    return;
  /* Other users of the range own files in it, which only the sandbox can remove. */
  if (!lodge_sandbox_remove (tree->build->helper, tree->path, &failure))
    lodge_progress_note (tree->build->progress,
                         "the temporary directory %s could not be removed: %s", tree->path,
                         failure->message);
  lodge_sandbox_log_free (tree->log);
  g_free (tree->path);
  g_free (tree->saved);
  g_free (tree);
}

gboolean
lodge_el_tree_run (LodgeElTree *tree, const char *const *argv, GError **error)
{
  LodgeSandbox sandbox = { .helper = tree->build->helper, .root = tree->path, .tree = TRUE };

  return lodge_sandbox_log_run (tree->log, &sandbox, argv, tree->build->cancellable, error);
}

char *
lodge_el_tree_read (LodgeElTree *tree, const char *const *argv, GError **error)
{
  LodgeSandbox sandbox = { .helper = tree->build->helper, .root = tree->path, .tree = TRUE };
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
  LodgeSandbox sandbox = { .helper = tree->build->helper, .root = tree->path, .tree = TRUE };
  GString *text = g_string_new (NULL);

  if (lodge_sandbox_run (&sandbox, argv, lodge_root_append_line, text, tree->build->cancellable,
                         error))
    return g_string_free (text, FALSE);
  g_string_free (text, TRUE);
  return NULL;
}
