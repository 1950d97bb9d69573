/* Raw: the disk image itself.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/format.h"
#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  CHUNK = 4 * 1024 * 1024, /* bytes copied between two looks at the cancellable */
};

/* Copies LENGTH bytes at OFFSET. */
static gboolean
copy_range (int in, int out, off_t offset, off_t length)
{
  off_t end = offset + length;
  g_autofree guint8 *buffer = NULL;

  while (offset < end)
    {
      off_t to = offset;
      ssize_t count = copy_file_range (in, &offset, out, &to, (size_t)(end - offset), 0);

      if (count > 0)
        continue;
      if (count == 0) /* the file has become shorter */
        {
          errno = EIO;
          return FALSE;
        }
      if (errno == EINTR)
        continue;
      if (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS)
        return FALSE;
      if (buffer == NULL)
        buffer = g_malloc (CHUNK);
      count = TEMP_FAILURE_RETRY (pread (in, buffer, (size_t)MIN (CHUNK, end - offset), offset));
      if (count == 0)
        errno = EIO;
      if (count <= 0 || TEMP_FAILURE_RETRY (pwrite (out, buffer, (size_t)count, offset)) != count)
        return FALSE;
      offset += count;
    }
  return TRUE;
}

/* Copies what is data between IN and OUT; OUT has its size and is one hole. */
static gboolean
copy_data (int in, int out, off_t size, LodgeProgress *progress, GCancellable *cancellable,
           GError **error)
{
  off_t data = 0;

  while ((data = lseek (in, data, SEEK_DATA)) >= 0)
    {
      off_t hole = lseek (in, data, SEEK_HOLE);

      if (hole < 0)
        break;
      while (data < hole)
        {
          off_t count = MIN (hole - data, CHUNK);

          if (g_cancellable_set_error_if_cancelled (cancellable, error))
            return FALSE;
          if (!copy_range (in, out, data, count))
            return lodge_error_set_errno (error, errno, "copy the image");
          data += count;
          if (progress != NULL)
            lodge_progress_bytes (progress, (guint64)data, (guint64)size);
        }
    }
  if (errno != ENXIO) /* the end: no more data */
    return lodge_error_set_errno (error, errno, "read the image");
  return TRUE;
}

/* As above into the new file PATH, open as OUT. */
static gboolean
fill_copy (int in, int out, const char *path, LodgeProgress *progress, GCancellable *cancellable,
           GError **error)
{
  struct stat status;

  if (fstat (in, &status) != 0 || ftruncate (out, status.st_size) != 0)
    return lodge_error_set_errno (error, errno, "make room in %s", path);
  return copy_data (in, out, status.st_size, progress, cancellable, error);
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
  copied = fill_copy (in, out, path, progress, cancellable, error);
  close (in);
  if (close (out) != 0 && copied)
    copied = lodge_error_set_errno (error, errno, "write %s", path);
  if (!copied)
    g_unlink (path);
  return copied;
}

gboolean
lodge_format_raw_write (const char *raw, const char *path, LodgeProgress *progress,
                        GCancellable *cancellable, GError **error)
{
  if (g_unlink (path) != 0 && errno != ENOENT)
    return lodge_error_set_errno (error, errno, "replace %s", path);
  /* A second name costs nothing.  A file system that has none (FAT), or another one, gets a copy.
   */
  if (link (raw, path) == 0)
    return TRUE;
  return copy_image (raw, path, progress, cancellable, error);
}
