/* Installing an RPM distribution's packages into an empty tree.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The build machine's dnf and rpm install, from directories that hold nothing but the signed
 * metadata and the packages of this build; scriptlets run in the tree.  dnf ends with "Complete!"
 * and status 0 when a scriptlet failed (rpm issue 2581, dnf bug 1052): its lines are read.
 */
#include <string.h>
#include <sys/statvfs.h>

#include "builder/dnf-output.h"
#include "builder/dnf.h"
#include "builder/el-owners.h"
#include "builder/el-tree.h"
#include "common/error.h"
#include "common/file.h"

enum
{
  FULL = 16 * 1024 * 1024, /* bytes: with less than this free, a disk is taken for full */
};

typedef struct
{
  GString *text;           /* all that was printed */
  char *lie;               /* the first failure that dnf passes over, or NULL */
  gboolean owners_missing; /* files went to root, as their owners were not there yet */
} Listener;

static void
hear (const char *line, gpointer data)
{
  Listener *listener = data;

  g_string_append (listener->text, line);
  g_string_append_c (listener->text, '\n');
  if (lodge_dnf_is_owner_missing (line))
    listener->owners_missing = TRUE;
  else if (listener->lie == NULL)
    listener->lie = lodge_dnf_find_lie (line);
}

/* Whether the disk of PATH is full: what rpm says then is something else. */
static gboolean
is_full (const char *path)
{
  struct statvfs status;

  return statvfs (path, &status) == 0
         && ((guint64)status.f_bavail * status.f_frsize < FULL
             || (status.f_files > 0 && status.f_favail < 100));
}

static gboolean
explain (const LodgeElTree *tree, const Listener *listener, const GError *failure, GError **error)
{
  g_autofree char *sentence = NULL;

  if (is_full (tree->path))
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the disk of %s is full; make room there and build again", tree->path);
  if (listener->lie != NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s%s%s", listener->lie,
                            failure != NULL ? "; " : "", failure != NULL ? failure->message : "");
  lodge_dnf_explain (listener->text->str, &sentence);
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s; %s", sentence, failure->message);
}

/* rpm's macros: where the release keeps its database, which the build machine's rpm may think
 * elsewhere; and what is mounted already, whose owners cannot be changed. */
static gboolean
write_macros (const LodgeElTree *tree, GError **error)
{
  g_autofree char *path = g_build_filename (tree->saved, "home", ".rpmmacros", NULL);
  g_autofree char *text = g_strdup_printf ("%%_dbpath %s\n"
                                           "%%_netsharedpath /sys:/proc:/dev:/run:/tmp\n"
                                           "%%_pkgverify_level all\n",
                                           tree->build->plan->template->rpm_database);

  return lodge_file_replace (path, text, -1, 0600, error);
}

static GPtrArray *
make_arguments (const LodgeElTree *tree)
{
  const LodgeTemplate *template = tree->build->plan->template;
  g_autofree char *release = lodge_dnf_release (template);
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (argv, g_strdup ("dnf"));
  g_ptr_array_add (argv, g_strconcat ("--config=", tree->saved, "/dnf.conf", NULL));
  g_ptr_array_add (argv, g_strconcat ("--installroot=", tree->path, NULL));
  g_ptr_array_add (argv, g_strconcat ("--setopt=reposdir=", tree->saved, "/none", NULL));
  g_ptr_array_add (argv, g_strconcat ("--releasever=", release, NULL));
  g_ptr_array_add (argv, g_strdup ("--assumeyes"));
  g_ptr_array_add (argv, g_strdup ("install"));
  for (char **name = template->install; *name != NULL; name++)
    g_ptr_array_add (argv, g_strdup (*name));
  g_ptr_array_add (argv, NULL);
  return argv;
}

static gboolean
run_dnf (LodgeElTree *tree, Listener *listener, GError **error)
{
  LodgeBuild *build = tree->build;
  g_autoptr (GPtrArray) argv = make_arguments (tree);
  g_autoptr (GPtrArray) binds = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) variables = lodge_el_tree_environment (tree);
  g_autofree char *home = g_build_filename (tree->saved, "home", NULL);
  g_autofree char *packages = g_build_filename (build->cache, "packages", "sha256", NULL);
  LodgeSandbox sandbox = { .helper = build->helper, .nested = tree->path, .binds = binds };
  GError *failure = NULL;
  gboolean done;

  variables = g_environ_setenv (variables, "HOME", home, TRUE);
  sandbox.environment = (const char *const *)variables;
  /* dnf's own cache is not for the image; given as an option, half of it would be. */
  g_ptr_array_add (binds, g_strdup_printf ("%s/cache:%s/var/cache/dnf", tree->saved, tree->path));
  /* Of the machine's files dnf sees no others: those of the build, and the packages that they are
   * links to. */
  g_ptr_array_add (binds, g_strdup_printf ("%s:%s", tree->saved, tree->saved));
  g_ptr_array_add (binds, g_strdup_printf ("%s:%s:ro", packages, packages));
  done = lodge_sandbox_log_listen (tree->log, &sandbox, (const char *const *)argv->pdata, hear,
                                   listener, build->cancellable, &failure);
  if (done && listener->lie == NULL)
    return TRUE;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    explain (tree, listener, failure, error);
  g_clear_error (&failure);
  return FALSE;
}

gboolean
lodge_el_install (LodgeElTree *tree, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Listener listener = { .text = text };
  g_autofree char *cache = g_build_filename (tree->saved, "cache", NULL);
  gboolean done;

  g_mkdir_with_parents (cache, 0700);
  done = write_macros (tree, error) && run_dnf (tree, &listener, error);
  if (done && listener.owners_missing)
    {
      lodge_progress_note (tree->build->progress, "files went to root as their owners were not "
                                                  "there yet; the image's own programs mend that");
      done = lodge_el_mend_owners (tree, error);
    }
  g_free (listener.lie);
  return done;
}
