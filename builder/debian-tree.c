/* A Debian system's tree, and programs that run in it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/debian-tree.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "builder/cache.h"
#include "builder/remove.h"
#include "common/error.h"
#include "common/file.h"

/* As seen inside. */
#define STORE "/run/lodge/store"
#define PACKAGES "/run/lodge/packages"
#define SHIMS "/run/lodge/bin"
#define INITRAMFS "/run/lodge/initramfs"

static gboolean
make_link (const char *target, const char *directory, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  if (symlink (target, path) != 0)
    return lodge_error_set_errno (error, errno, "make the link %s", path);
  return TRUE;
}

/* dpkg takes a package by any name; with its own one, its messages can be understood. */
static gboolean
link_packages (LodgeDebianTree *tree, GError **error)
{
  const GPtrArray *packages = tree->build->packages;

  for (guint i = 0; i < packages->len; i++)
    {
      LodgePackage *package = g_ptr_array_index (packages, i);
      g_autofree char *name = g_strdup_printf ("%s_%s_%s.deb", package->name, package->version,
                                               package->architecture);
      g_autofree char *target
          = g_strdup_printf (STORE "/%.2s/%s.deb", package->sha256, package->sha256);

      if (!make_link (target, tree->packages, name, error))
        return FALSE;
      g_hash_table_insert (tree->by_name, package->name, package);
    }
  return TRUE;
}

/* Each package with a service calls this Perl program three times.  On a first installation two of
 * the questions have nothing to look at, and the answer is yes: 75 calls of 30 ms. */
static const char systemd_helper[]
    = "#!/bin/sh\n"
      "state=/var/lib/systemd/deb-systemd-helper\n"
      "case \"$#:$1:$2\" in\n"
      "2:unmask:*) [ -e \"$state-masked\" ] || exit 0 ;;\n"
      "3:--quiet:was-enabled) [ -e \"$state-enabled/$3.dsh-also\" ] || exit 0 ;;\n"
      "esac\n"
      "exec /usr/bin/deb-systemd-helper \"$@\"\n";

/* dracut would run twice, and depmod in the way of everything else: see run_depmod().  Host keys
 * would be made only to be removed again. */
static gboolean
make_shims (LodgeDebianTree *tree, GError **error)
{
  static const char *const idle[] = { "dracut", "depmod", "ssh-keygen" };
  g_autofree char *path = g_build_filename (tree->shims, "deb-systemd-helper", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (idle); i++)
    if (!make_link ("/usr/bin/true", tree->shims, idle[i], error))
      return FALSE;
  return lodge_file_replace (path, systemd_helper, -1, 0755, error);
}

static gboolean
open_log (LodgeDebianTree *tree, GError **error)
{
  const LodgeBuild *build = tree->build;
  g_autofree char *path = lodge_cache_log_path (build->cache, build->plan->template->name, "root");

  tree->log = lodge_sandbox_log_new (path, error);
  return tree->log != NULL;
}

LodgeDebianTree *
lodge_debian_tree_new (LodgeBuild *build, GError **error)
{
  g_autoptr (LodgeDebianTree) tree = g_new0 (LodgeDebianTree, 1);

  tree->build = build;
  tree->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  tree->path = g_build_filename (build->temporary, "root", NULL);
  tree->packages = g_build_filename (build->temporary, "root-packages", NULL);
  tree->initramfs = g_build_filename (build->temporary, "root-initramfs", NULL);
  tree->shims = g_build_filename (build->temporary, "root-shims", NULL);
  if (!open_log (tree, error) || !lodge_file_make_directory (tree->path, 0755, error)
      || !lodge_file_make_directory (tree->packages, 0755, error)
      || !lodge_file_make_directory (tree->initramfs, 0700, error)
      || !lodge_file_make_directory (tree->shims, 0755, error) || !link_packages (tree, error)
      || !make_shims (tree, error))
    return NULL;
  return g_steal_pointer (&tree);
}

void
lodge_debian_tree_remove_files (LodgeDebianTree *tree)
{
  /* Other users of the range own files in it, which only the sandbox can remove.  What it cannot
   * remove is tried again, and told of, with all of `temporary`: build-session.c. */
  lodge_sandbox_remove (tree->build->helper, tree->path, NULL);
}

void
lodge_debian_tree_free (LodgeDebianTree *tree)
{
  if (tree == NULL)
    return;
  lodge_debian_tree_remove_files (tree);
  lodge_remove_tree (tree->packages, NULL);
  lodge_remove_tree (tree->initramfs, NULL);
  lodge_remove_tree (tree->shims, NULL);
  lodge_sandbox_log_free (tree->log);
  g_hash_table_unref (tree->by_name);
  g_free (tree->path);
  g_free (tree->packages);
  g_free (tree->initramfs);
  g_strfreev (tree->kernels);
  g_free (tree->shims);
  g_free (tree);
}

static void
add_bind (GPtrArray *binds, const char *source, const char *target)
{
  g_ptr_array_add (binds, g_strconcat (source, ":", target, ":ro", NULL));
}

static char **
environment (const LodgeBuild *build, LodgeDebianStage stage)
{
  g_autofree char *epoch = g_strdup_printf ("%" G_GINT64_FORMAT, build->epoch);
  char **variables = g_strdupv ((char **)lodge_sandbox_environment ());
  g_autofree char *path = g_strconcat (SHIMS ":", g_environ_getenv (variables, "PATH"), NULL);

  variables = g_environ_setenv (variables, "DEBIAN_FRONTEND", "noninteractive", TRUE);
  variables = g_environ_setenv (variables, "DEBCONF_NONINTERACTIVE_SEEN", "true", TRUE);
  variables = g_environ_setenv (variables, "DPKG_COLORS", "never", TRUE);
  /* Passwords' dates, dracut, compiled Python and others. */
  variables = g_environ_setenv (variables, "SOURCE_DATE_EPOCH", epoch, TRUE);
  if (stage == LODGE_DEBIAN_INSTALLING)
    variables = g_environ_setenv (variables, "PATH", path, TRUE);
  return variables;
}

gboolean
lodge_debian_tree_run (LodgeDebianTree *tree, LodgeDebianStage stage, const char *const *argv,
                       GError **error)
{
  LodgeBuild *build = tree->build;
  g_autofree char *store = g_build_filename (build->cache, "packages", "sha256", NULL);
  g_autoptr (GPtrArray) binds = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) variables = environment (build, stage);
  LodgeSandbox sandbox = { .helper = build->helper,
                           .root = tree->path,
                           .tree = TRUE,
                           .binds = binds,
                           .environment = (const char *const *)variables };

  if (stage == LODGE_DEBIAN_INSTALLING)
    {
      add_bind (binds, store, STORE);
      add_bind (binds, tree->packages, PACKAGES);
      add_bind (binds, tree->shims, SHIMS);
      sandbox.directory = PACKAGES;
    }
  if (stage == LODGE_DEBIAN_FINISHED)
    g_ptr_array_add (binds, g_strconcat (tree->initramfs, ":" INITRAMFS, NULL));
  return lodge_sandbox_log_run (tree->log, &sandbox, argv, build->cancellable, error);
}
