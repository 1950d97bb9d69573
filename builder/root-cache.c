/* Finished root file systems in the cache.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/root-cache.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/cache.h"
#include "builder/root-files.h"
#include "builder/sparse-copy.h"
#include "common/error.h"

#define KIND "roots"

enum
{
  FLUSHED = 32 * 1024 * 1024, /* bytes between two looks at whether the user waits */
};

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

gboolean
lodge_root_cache_make_own (LodgeBuild *build, const LodgeExt4 *ext4, GError **error)
{
  GCancellable *cancellable = build->cancellable;
  g_autofree char *fstab = lodge_root_fstab (ext4->uuid);
  g_autofree char *command_line = lodge_root_command_line (build->plan->template, ext4->uuid);

  return lodge_ext4_set_uuid (ext4, cancellable, error)
         && lodge_ext4_replace (ext4, "/etc/fstab", fstab, build->work, cancellable, error)
         && lodge_ext4_replace (ext4, "/etc/kernel/cmdline", command_line, build->work, cancellable,
                                error);
}

gboolean
lodge_root_cache_use (LodgeBuild *build, const char *cached, const LodgeExt4 *ext4, GError **error)
{
  lodge_progress_step (build->progress, "root", "Take the root file system from the cache");
  return copy (cached, 0, ext4->file, ext4->offset, ext4->size, 0, build->cancellable, error)
         && lodge_root_cache_make_own (build, ext4, error);
}

static char *
file_name (const LodgeBuild *build)
{
  return g_strconcat (build->root_key, ".ext4", NULL);
}

/* Where it waits to be kept. */
static char *
copy_path (const LodgeBuild *build)
{
  g_autofree char *name = file_name (build);

  return g_build_filename (build->temporary, name, NULL);
}

/* A cache that is full is no reason to fail: the image is there. */
static void
tell_failure (LodgeBuild *build, const GError *failure)
{
  if (!g_cancellable_is_cancelled (build->interrupted))
    lodge_progress_note (build->progress, "the root file system is not kept for later builds: %s",
                         failure->message);
}

void
lodge_root_cache_copy (LodgeBuild *build, const LodgeExt4 *ext4)
{
  g_autofree char *path = copy_path (build);
  g_autoptr (GError) failure = NULL;

  if (build->plan->options->no_cache
      || copy (ext4->file, ext4->offset, path, 0, ext4->size, O_CREAT | O_EXCL, build->interrupted,
               &failure))
    return;
  unlink (path);
  tell_failure (build, failure);
}

/* fsync(2), which keeping it ends with, cannot be given up: a slow disk would hold up Ctrl-C.  So
 * its data goes to the disk before, in pieces.  FALSE: the user does not want to wait for it. */
static gboolean
flush (LodgeBuild *build, const char *path, GError **error)
{
  int fd = open_file (path, O_RDWR, error);
  off_t end = fd >= 0 ? lseek (fd, 0, SEEK_END) : -1;

  for (off_t offset = 0; offset < end && !g_cancellable_is_cancelled (build->interrupted);
       offset += FLUSHED)
    {
      /* A file system that cannot do it does it with fsync, which tells of failures too. */
      (void)sync_file_range (fd, offset, FLUSHED,
                             SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
    }
  if (fd >= 0)
    close (fd);
  return fd >= 0 && !g_cancellable_set_error_if_cancelled (build->interrupted, error);
}

void
lodge_root_cache_keep (LodgeBuild *build)
{
  g_autofree char *path = copy_path (build);
  g_autofree char *name = file_name (build);
  g_autoptr (GError) failure = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS)
      && (!flush (build, path, &failure)
          || !lodge_cache_keep (build->cache, KIND, name, path, &failure)))
    tell_failure (build, failure);
}

gboolean
lodge_root_cache_has_any (const LodgeBuild *build)
{
  g_autofree char *path = g_build_filename (build->cache, KIND, NULL);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);

  return !build->plan->options->no_cache && directory != NULL
         && g_dir_read_name (directory) != NULL;
}

/* One that is too short (fsck cut it, a copy of the cache was stopped) would be a root file system
 * whose end is missing: it goes, so that a build makes it anew. */
static gboolean
is_whole (const LodgeBuild *build, const char *path)
{
  struct stat status;

  if (stat (path, &status) != 0)
    return FALSE;
  if ((guint64)status.st_size == build->plan->partitions[LODGE_PARTITION_ROOT].size)
    return TRUE;
  unlink (path);
  return FALSE;
}

char *
lodge_root_cache_find (const LodgeBuild *build, const char *key)
{
  g_autofree char *name = g_strconcat (key, ".ext4", NULL);
  g_autofree char *path
      = build->plan->options->no_cache ? NULL : lodge_cache_find (build->cache, KIND, name);

  return path != NULL && is_whole (build, path) ? g_steal_pointer (&path) : NULL;
}
