/* Copying a part of a sparse file.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/sparse-copy.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"

enum
{
  CHUNK = 8 * 1024 * 1024, /* bytes between two looks at the cancellable */
};

typedef struct
{
  int source;
  int target;
  const char *source_name;
  const char *target_name;
  gint64 shift;   /* target offset minus source offset */
  guint8 *buffer; /* NULL until the kernel was found unable to copy */
} Copy;

static gboolean
copy_through_buffer (Copy *copy, off_t offset, gsize length, gsize *done, GError **error)
{
  ssize_t got;
  gsize written = 0;

  if (copy->buffer == NULL)
    copy->buffer = g_malloc (CHUNK);
  got = TEMP_FAILURE_RETRY (pread (copy->source, copy->buffer, length, offset));
  if (got < 0)
    return lodge_error_set_errno (error, errno, "read %s", copy->source_name);
  while (written < (gsize)got)
    {
      ssize_t put
          = TEMP_FAILURE_RETRY (pwrite (copy->target, copy->buffer + written, (gsize)got - written,
                                        offset + copy->shift + (off_t)written));

      if (put < 0)
        return lodge_error_set_errno (error, errno, "write %s", copy->target_name);
      written += (gsize)put;
    }
  *done = (gsize)got;
  return TRUE;
}

static gboolean
copy_some (Copy *copy, off_t offset, gsize length, gsize *done, GError **error)
{
  off_t from = offset;
  off_t to = offset + copy->shift;
  ssize_t copied;

  if (copy->buffer != NULL)
    return copy_through_buffer (copy, offset, length, done, error);
  copied = copy_file_range (copy->source, &from, copy->target, &to, length, 0);
  if (copied >= 0)
    {
      *done = (gsize)copied;
      return TRUE;
    }
  if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO)
    return lodge_error_set_errno (error, errno, "write %s", copy->target_name);
  return copy_through_buffer (copy, offset, length, done, error);
}

/* Data from OFFSET to END of the source. */
static gboolean
copy_data (Copy *copy, off_t offset, off_t end, GCancellable *cancellable, GError **error)
{
  while (offset < end)
    {
      gsize done = 0;

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !copy_some (copy, offset, (gsize)MIN (end - offset, (off_t)CHUNK), &done, error))
        return FALSE;
      if (done == 0)
        return lodge_error_set (error, LODGE_ERROR_FAILED, "%s became shorter while it was copied",
                                copy->source_name);
      offset += (off_t)done;
    }
  return TRUE;
}

static gboolean
copy_range (Copy *copy, off_t offset, off_t end, GCancellable *cancellable, GError **error)
{
  while (offset < end)
    {
      off_t data = lseek (copy->source, offset, SEEK_DATA);
      off_t hole;

      if (data < 0 && errno == ENXIO)
        return TRUE; /* nothing but a hole to the end */
      if (data < 0)
        data = offset; /* a file system that knows no holes */
      if (data >= end)
        return TRUE;
      hole = lseek (copy->source, data, SEEK_HOLE);
      if (hole < 0 || hole > end)
        hole = end;
      if (!copy_data (copy, data, hole, cancellable, error))
        return FALSE;
      offset = hole;
    }
  return TRUE;
}

/* What is missing at its end would be taken for a hole. */
static gboolean
check_length (int source, const char *name, guint64 end, GError **error)
{
  struct stat status;

  if (fstat (source, &status) != 0)
    return lodge_error_set_errno (error, errno, "look at %s", name);
  if (S_ISREG (status.st_mode) && (guint64)status.st_size < end)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "%s is too short: it has %lld bytes, and %" G_GUINT64_FORMAT
                            " are to be copied from it",
                            name, (long long)status.st_size, end);
  return TRUE;
}

gboolean
lodge_sparse_copy (int source, const char *source_name, guint64 source_offset, int target,
                   const char *target_name, guint64 target_offset, guint64 length,
                   GCancellable *cancellable, GError **error)
{
  Copy copy = { .source = source,
                .target = target,
                .source_name = source_name,
                .target_name = target_name,
                .shift = (gint64)target_offset - (gint64)source_offset };
  gboolean done = check_length (source, source_name, source_offset + length, error)
                  && copy_range (&copy, (off_t)source_offset, (off_t)(source_offset + length),
                                 cancellable, error);

  g_free (copy.buffer);
  return done;
}
