/* What is looked at before a build works.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/build-preflight.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "builder/requirements.h"
#include "builder/sandbox.h"
#include "builder/space.h"
#include "common/error.h"

#define MEBIBYTE (G_GUINT64_CONSTANT (1) << 20)

/* A root smaller than this has never been seen; when packages are known their sizes count. */
#define TREE_MINIMUM (512 * MEBIBYTE)
/* Boot loaders, kernel and initramfs on top of what packages say of themselves. */
#define TREE_ADDED (256 * MEBIBYTE)
/* The cache needs this much for the package lists alone. */
#define CACHE_MINIMUM (64 * MEBIBYTE)

static gboolean
check_cache (const char *cache, GError **error)
{
  if (g_mkdir_with_parents (cache, 0700) != 0 || access (cache, W_OK | X_OK) != 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the cache directory %s cannot be written to (%s); choose another with "
                            "--cache",
                            cache, g_strerror (errno));
  return lodge_space_check (cache, CACHE_MINIMUM, "the package cache", error);
}

gboolean
lodge_preflight_machine (const LodgeBuild *build, GError **error)
{
  return lodge_requirements_check (build->plan->template->family, error)
         && lodge_sandbox_check (build->helper, error) && check_cache (build->cache, error);
}

/* Bytes of the root tree, estimated. */
static guint64
tree_size (const LodgeBuild *build)
{
  guint64 size = 0;

  for (guint i = 0; i < build->packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (build->packages, i);

      /* Packages are compressed to about a quarter. */
      size += package->installed_size != 0 ? package->installed_size : 4 * package->size;
    }
  return MAX (size, TREE_MINIMUM) + TREE_ADDED;
}

gboolean
lodge_preflight_space (const LodgeBuild *build, GError **error)
{
  const LodgeBuildPlan *plan = build->plan;
  guint64 tree = tree_size (build);
  guint64 copies = 1; /* the raw image; the tree is made in the cache */
  g_autofree char *directory = g_path_get_dirname (plan->base);

  for (guint i = 0; i < plan->outputs->len; i++)
    if (strcmp (((LodgeOutput *)g_ptr_array_index (plan->outputs, i))->format, "raw") != 0)
      copies++;
  if (tree > plan->partitions[LODGE_PARTITION_ROOT].size)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the packages need %" G_GUINT64_FORMAT " MiB, more than the root file "
                            "system's %" G_GUINT64_FORMAT " MiB; build with a larger --size",
                            tree / MEBIBYTE,
                            plan->partitions[LODGE_PARTITION_ROOT].size / MEBIBYTE);
  return lodge_space_check (directory, copies * tree, "the image", error);
}
