/* The root file system of a Debian image.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What depends on nothing but packages and template is kept in the cache as it was made, one sparse
 * file; a later build copies it and changes the file system's UUID where that is named.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "builder/cache.h"
#include "builder/debian-tree.h"
#include "builder/ext4.h"
#include "builder/family-debian.h"
#include "builder/remove.h"
#include "builder/sparse-copy.h"
#include "common/error.h"

#define KIND "roots"

static int
open_file (const char *path, int flags, GError **error)
{
  int fd = open (path, flags | O_CLOEXEC, 0600);

  if (fd < 0)
    lodge_error_set_errno (error, errno, "open %s", path);
  return fd;
}

/* Copies SIZE bytes; holes stay holes. */
static gboolean
copy (const char *source, guint64 source_offset, const char *target, guint64 target_offset,
      guint64 size, int target_flags, GCancellable *cancellable, GError **error)
{
  int from = open_file (source, O_RDONLY, error);
  int to = from >= 0 ? open_file (target, O_RDWR | target_flags, error) : -1;
  gboolean done = to >= 0
                  && lodge_sparse_copy (from, source, source_offset, to, target, target_offset,
                                        size, cancellable, error);

  if (done && (target_flags & O_CREAT) != 0 && ftruncate (to, (off_t)(target_offset + size)) != 0)
    done = lodge_error_set_errno (error, errno, "make %s as large as the file system", target);
  if (from >= 0)
    close (from);
  if (to >= 0)
    close (to);
  return done;
}

/* What differs from build to build: the UUID, and where it is named. */
static gboolean
make_own (LodgeBuild *build, const LodgeExt4 *ext4, GError **error)
{
  GCancellable *cancellable = build->cancellable;
  g_autofree char *fstab = lodge_debian_fstab (ext4->uuid);
  g_autofree char *command_line = lodge_debian_command_line (build->plan->template, ext4->uuid);

  return lodge_ext4_set_uuid (ext4, cancellable, error)
         && lodge_ext4_replace (ext4, "/etc/fstab", fstab, build->work, cancellable, error)
         && lodge_ext4_replace (ext4, "/etc/kernel/cmdline", command_line, build->work, cancellable,
                                error);
}

static gboolean
store (LodgeBuild *build, const char *key, const LodgeExt4 *ext4, GError **error)
{
  g_autofree char *directory = lodge_cache_make_temporary (build->cache, error);
  g_autofree char *path = NULL;
  g_autofree char *name = g_strconcat (key, ".ext4", NULL);
  gboolean done;

  if (directory == NULL)
    return FALSE;
  path = g_build_filename (directory, name, NULL);
  done = copy (ext4->file, ext4->offset, path, 0, ext4->size, O_CREAT | O_EXCL, build->cancellable,
               error)
         && lodge_cache_keep (build->cache, KIND, name, path, error);
  lodge_remove_tree (directory, NULL);
  return done;
}

static gboolean
make_new (LodgeBuild *build, const char *key, const LodgeAptOrder *order, const char *sources,
          const LodgeExt4 *ext4, GError **error)
{
  g_autofree char *title = g_strdup_printf ("Install %u packages", build->packages->len);
  g_autofree char *hash_seed = lodge_build_uuid (key, "hash-seed");
  g_autofree char *uuid = lodge_build_uuid (key, "filesystem-root");
  LodgeExt4 common = *ext4;
  g_autoptr (LodgeDebianTree) tree = lodge_debian_tree_new (build, error);

  if (tree == NULL)
    return FALSE;
  /* With another UUID than the image's: a root that is made now and one from the cache shall be the
   * same, to the last block. */
  common.uuid = uuid;
  lodge_progress_step (build->progress, "install", title);
  if (!lodge_debian_install (tree, order, uuid, error)
      || !lodge_debian_finish (tree, sources, error))
    return FALSE;
  lodge_progress_step (build->progress, "filesystem", "Make the root file system");
  return lodge_ext4_make (&common, tree->path, hash_seed, build->helper, build->work,
                          build->cancellable, error);
}

/* A cache that is full is no reason to fail: the image is there. */
static void
try_to_store (LodgeBuild *build, const char *key, const LodgeExt4 *ext4)
{
  g_autoptr (GError) failure = NULL;

  if (!build->plan->options->no_cache && !store (build, key, ext4, &failure)
      && !g_cancellable_is_cancelled (build->cancellable))
    lodge_progress_note (build->progress, "the root file system is not kept for later builds: %s",
                         failure->message);
}

char *
lodge_debian_find_root (const LodgeBuild *build, const char *key)
{
  g_autofree char *name = g_strconcat (key, ".ext4", NULL);

  return build->plan->options->no_cache ? NULL : lodge_cache_find (build->cache, KIND, name);
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
  cached = lodge_debian_find_root (build, build->root_key);
  if (cached != NULL)
    {
      lodge_progress_step (build->progress, "root", "Take the root file system from the cache");
      return copy (cached, 0, ext4.file, ext4.offset, ext4.size, 0, build->cancellable, error)
             && make_own (build, &ext4, error);
    }
  if (order->base->len == 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the root file system was in the cache %s and is there no more; is "
                            "something else emptying it?  Try again",
                            build->cache);
  if (!make_new (build, build->root_key, order, sources, &ext4, error))
    return FALSE;
  try_to_store (build, build->root_key, &ext4);
  return make_own (build, &ext4, error);
}
