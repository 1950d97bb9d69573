/* What is looked at before a build works.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/build-preflight.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "builder/format.h"
#include "builder/paths.h"
#include "builder/processor.h"
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

/* A tree is made there, with links, and package scripts run in it.  nosuid and nodev do not matter:
 * nothing in the sandbox gets other privileges, or makes devices. */
static gboolean
check_file_system (const char *cache, GError **error)
{
  g_autofree char *link = g_strdup_printf ("%s/.lodge-link-%d", cache, (int)getpid ());
  struct statvfs status;

  if (statvfs (cache, &status) != 0)
    return lodge_error_set_errno (error, errno, "look at %s", cache);
  if ((status.f_flag & ST_NOEXEC) != 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the cache directory %s is on a file system mounted with \"noexec\", "
                            "where a root tree cannot be made; choose another with --cache",
                            cache);
  if (symlink ("lodge", link) != 0 && errno != EEXIST)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the cache directory %s is on a file system that cannot hold a root "
                            "tree (a link in it: %s); choose another with --cache",
                            cache, g_strerror (errno));
  unlink (link);
  return TRUE;
}

static gboolean
check_cache (const char *cache, GError **error)
{
  if (g_mkdir_with_parents (cache, 0700) != 0 || access (cache, W_OK | X_OK) != 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the cache directory %s cannot be written to (%s); choose another with "
                            "--cache",
                            cache, g_strerror (errno));
  return check_file_system (cache, error)
         && lodge_space_check (cache, CACHE_MINIMUM, "the package cache", error);
}

/* Programs that only some formats need. */
static gboolean
check_formats (const LodgeBuildPlan *plan, GError **error)
{
  for (guint i = 0; i < plan->outputs->len; i++)
    {
      const LodgeOutput *output = g_ptr_array_index (plan->outputs, i);
      const char *program = lodge_format_find (output->format)->program;
      g_autofree char *path = program != NULL ? lodge_paths_program (program) : NULL;

      if (program != NULL && path == NULL)
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                "the format %s needs the program %s, which is not installed; see "
                                "lodge doctor",
                                output->format, program);
    }
  return TRUE;
}

gboolean
lodge_preflight_machine (const LodgeBuild *build, GError **error)
{
  return lodge_processor_check (build->plan->template, error)
         && lodge_requirements_check (build->plan->template->family, error)
         && check_formats (build->plan, error) && lodge_sandbox_check (build->helper, error)
         && check_cache (build->cache, error);
}

/* Bytes of PACKAGES unpacked. */
static guint64
unpacked_size (const GPtrArray *packages)
{
  guint64 size = 0;

  for (guint i = 0; i < packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (packages, i);

      /* Packages are compressed to about a quarter. */
      size += package->installed_size != 0 ? package->installed_size : 4 * package->size;
    }
  return size;
}

LodgeSpaceNeeds
lodge_preflight_needs (const LodgeBuild *build)
{
  const LodgeBuildPlan *plan = build->plan;
  LodgeSpaceNeeds needs
      = { .tree = MAX (unpacked_size (build->packages), TREE_MINIMUM) + TREE_ADDED };
  guint64 copies = 1; /* the raw image */

  for (guint i = 0; i < plan->outputs->len; i++)
    copies += lodge_format_find (((LodgeOutput *)g_ptr_array_index (plan->outputs, i))->format)
                  ->copies;
  needs.output = copies * needs.tree;
  /* The tree, and when that is gone the file system made of it, as large as the tree. */
  if (build->makes_root)
    needs.cache += needs.tree;
  if (build->makes_compiler)
    needs.cache += unpacked_size (build->build_packages);
  return needs;
}

/* What does not exist yet will be made in the nearest directory that does. */
static gboolean
are_on_one_file_system (const char *first, const char *second)
{
  const char *paths[] = { first, second };
  struct stat status[2];

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *path = g_canonicalize_filename (paths[i], NULL);

      while (stat (path, &status[i]) != 0)
        {
          char *parent = g_path_get_dirname (path);
          gboolean top = strcmp (path, "/") == 0;

          g_free (path);
          path = parent;
          if (top)
            return FALSE;
        }
    }
  return status[0].st_dev == status[1].st_dev;
}

gboolean
lodge_preflight_space (const LodgeBuild *build, GError **error)
{
  const LodgeBuildPlan *plan = build->plan;
  LodgeSpaceNeeds needs = lodge_preflight_needs (build);
  g_autofree char *directory = g_path_get_dirname (plan->base);

  if (needs.tree > plan->partitions[LODGE_PARTITION_ROOT].size)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the packages need %" G_GUINT64_FORMAT " MiB, more than the root file "
                            "system's %" G_GUINT64_FORMAT " MiB; build with a larger --size",
                            needs.tree / MEBIBYTE,
                            plan->partitions[LODGE_PARTITION_ROOT].size / MEBIBYTE);
  if (needs.cache > 0 && are_on_one_file_system (directory, build->cache))
    return lodge_space_check (directory, needs.output + needs.cache,
                              "the image and the tree that it is made from", error);
  return lodge_space_check (directory, needs.output, "the image", error)
         && (needs.cache == 0
             || lodge_space_check (build->cache, needs.cache,
                                   "the tree that the image is made from", error));
}
