/* A Debian system's initramfs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dracut takes as long as filling the root file system, and each keeps one processor busy: they
 * work side by side.  So the tree must not change meanwhile: dracut's files are all in a directory
 * outside it, from where each initramfs is put into the file system at the end.
 */
#include "builder/debian-tree.h"

#include "builder/result-file.h"
#include "builder/root-check.h"
#include "builder/tree.h"
#include "common/error.h"

/* As seen inside. */
#define DIRECTORY "/run/lodge/initramfs"

static gboolean
make_one (LodgeDebianTree *tree, const char *version, GError **error)
{
  g_autofree char *name = g_strconcat ("initrd.img-", version, NULL);
  g_autofree char *inside = g_build_filename (DIRECTORY, name, NULL);
  g_autofree char *outside = g_build_filename (tree->initramfs, name, NULL);
  g_autoptr (GPtrArray) binds = g_ptr_array_new_with_free_func (g_free);
  const char *const argv[]
      = { "dracut", "--force", "--quiet", "--tmpdir", DIRECTORY, "--kver", version, inside, NULL };

  if (!lodge_debian_tree_run (tree, LODGE_DEBIAN_FINISHED, argv, error))
    return FALSE;
  /* dracut's exit status does not tell: it goes on after much. */
  if (!g_file_test (outside, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "dracut made no /boot/%s", name);
  if (!lodge_result_check (outside, error))
    return FALSE;
  g_ptr_array_add (binds, g_strconcat (tree->initramfs, ":" DIRECTORY ":ro", NULL));
  return lodge_root_check_initramfs (tree->build, tree->path, version, binds, inside, error);
}

gboolean
lodge_debian_make_initramfs (LodgeDebianTree *tree, GError **error)
{
  g_auto (GStrv) versions = lodge_root_kernels (tree->path, error);

  if (versions == NULL)
    return FALSE;
  for (char **version = versions; *version != NULL; version++)
    if (!make_one (tree, *version, error))
      return FALSE;
  tree->kernels = g_steal_pointer (&versions);
  return TRUE;
}

/* What make_one() made. */
static gboolean
add_one (LodgeDebianTree *tree, const LodgeExt4 *ext4, const char *version, GError **error)
{
  const LodgeBuild *build = tree->build;
  g_autofree char *name = g_strconcat ("initrd.img-", version, NULL);
  g_autofree char *source = g_build_filename (tree->initramfs, name, NULL);
  g_autofree char *path = g_build_filename ("/boot", name, NULL);

  /* Once more: after this one was made, dracut ran for the next kernel. */
  if (!lodge_result_check (source, error))
    return FALSE;
  /* 0600, as dracut has it: it may hold keys. */
  return lodge_ext4_add (ext4, path, source, 0600, build->work, build->cancellable, error);
}

gboolean
lodge_debian_add_initramfs (LodgeDebianTree *tree, const LodgeExt4 *ext4, GError **error)
{
  /* The tree itself is not asked: it may be gone by now. */
  for (char **version = tree->kernels; *version != NULL; version++)
    if (!add_one (tree, ext4, *version, error))
      return FALSE;
  return TRUE;
}
