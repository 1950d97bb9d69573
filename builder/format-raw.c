/* Raw: the disk image itself.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/format.h"
#include "builder/sparse-copy.h"
#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  CHUNK = 64 * 1024 * 1024, /* bytes between two reports of progress */
};

/* Copies the file IN into the new and empty file OUT. */
static gboolean
fill_copy (int in, const char *raw, int out, const char *path, LodgeProgress *progress,
           GCancellable *cancellable, GError **error)
{
  struct stat status;

  if (fstat (in, &status) != 0 || ftruncate (out, status.st_size) != 0)
    return lodge_error_set_errno (error, errno, "make room in %s", path);
  for (guint64 done = 0; done < (guint64)status.st_size;)
    {
      guint64 length = MIN ((guint64)status.st_size - done, CHUNK);

      if (!lodge_sparse_copy (in, raw, done, out, path, done, length, cancellable, error))
        return FALSE;
      done += length;
      if (progress != NULL)
        lodge_progress_bytes (progress, done, (guint64)status.st_size);
    }
  return TRUE;
}

static gboolean
copy_image (const char *raw, const char *path, LodgeProgress *progress, GCancellable *cancellable,
            GError **error)
{
  int in = open (raw, O_RDONLY | O_CLOEXEC);
  int out;
  gboolean copied;

  if (in < 0)
    return lodge_error_set_errno (error, errno, "open %s", raw);
  out = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (out < 0)
    {
      lodge_error_set_errno (error, errno, "create %s", path);
      close (in);
      return FALSE;
    }
  copied = fill_copy (in, raw, out, path, progress, cancellable, error);
  close (in);
  if (close (out) != 0 && copied)
    copied = lodge_error_set_errno (error, errno, "write %s", path);
  if (!copied)
    g_unlink (path);
  return copied;
}

gboolean
lodge_format_raw_write (const LodgeFormatSource *source, const char *path, LodgeProgress *progress,
                        GCancellable *cancellable, GError **error)
{
  if (g_unlink (path) != 0 && errno != ENOENT)
    return lodge_error_set_errno (error, errno, "replace %s", path);
  /* A second name costs nothing.  A file system that has none (FAT), or another one, gets a copy.
   */
  if (link (source->raw, path) == 0)
    return TRUE;
  return copy_image (source->raw, path, progress, cancellable, error);
}
