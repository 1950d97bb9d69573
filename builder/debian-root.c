/* The root file system of a Debian image.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/beside.h"
#include "builder/debian-tree.h"
#include "builder/ext4.h"
#include "builder/family-debian.h"
#include "builder/root-cache.h"
#include "common/error.h"

typedef struct
{
  LodgeDebianTree *tree;
  LodgeExt4 ext4;
  char *hash_seed;
} Filling;

static gboolean
make_initramfs (gpointer data, GError **error)
{
  const Filling *filling = data;

  return lodge_debian_make_initramfs (filling->tree, error);
}

static gboolean
make_filesystem (gpointer data, GError **error)
{
  const Filling *filling = data;
  LodgeBuild *build = filling->tree->build;

  return lodge_ext4_make (&filling->ext4, filling->tree->path, filling->hash_seed, build->helper,
                          build->work, build->cancellable, error);
}

static gboolean
add_initramfs (gpointer data, GError **error)
{
  const Filling *filling = data;

  return lodge_debian_add_initramfs (filling->tree, &filling->ext4, error);
}

static gboolean
remove_files (gpointer data, GError **error)
{
  const Filling *filling = data;

  (void)error;
  lodge_debian_tree_remove_files (filling->tree);
  return TRUE;
}

static gboolean
make_new (LodgeBuild *build, const char *key, const LodgeAptOrder *order, const char *sources,
          const LodgeExt4 *ext4, GError **error)
{
  g_autofree char *title = g_strdup_printf ("Install %u packages", build->packages->len);
  g_autofree char *hash_seed = lodge_build_uuid (key, "hash-seed");
  g_autofree char *uuid = lodge_build_uuid (key, "filesystem-root");
  g_autoptr (LodgeDebianTree) tree = lodge_debian_tree_new (build, error);
  Filling filling = { .tree = tree, .ext4 = *ext4, .hash_seed = hash_seed };

  if (tree == NULL)
    return FALSE;
  /* With another UUID than the image's: a root that is made now and one from the cache shall be the
   * same, to the last block. */
  filling.ext4.uuid = uuid;
  lodge_progress_step (build->progress, "install", title);
  if (!lodge_debian_install (tree, order, uuid, error)
      || !lodge_debian_finish (tree, sources, error))
    return FALSE;
  lodge_progress_step (build->progress, "filesystem",
                       "Make the initramfs and the root file system");
  return lodge_run_beside (make_initramfs, make_filesystem, &filling, build->cancellable, error)
         && lodge_run_beside (add_initramfs, remove_files, &filling, build->cancellable, error);
}

gboolean
lodge_debian_make_root (LodgeBuild *build, const char *image, guint64 offset, guint64 size,
                        const char *uuid, GError **error)
{
  LodgeExt4 ext4 = { .file = image,
                     .offset = offset,
                     .size = size,
                     .uuid = uuid,
                     .label = "lodge-root",
                     .epoch = build->epoch };
  g_autoptr (LodgeAptOrder) order = NULL;
  g_autofree char *sources = NULL;
  g_autofree char *cached = NULL;

  if (!lodge_debian_plan_load (build->work, &order, &sources, error))
    return FALSE;
  cached = lodge_root_cache_find (build, build->root_key);
  if (cached != NULL)
    return lodge_root_cache_use (build, cached, &ext4, error);
  if (order->base->len == 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the root file system was in the cache %s and is there no more; is "
                            "something else emptying it?  Try again",
                            build->cache);
  if (!make_new (build, build->root_key, order, sources, &ext4, error))
    return FALSE;
  lodge_root_cache_copy (build, &ext4);
  return lodge_root_cache_make_own (build, &ext4, error);
}
