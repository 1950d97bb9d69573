/* What is written to disks.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-source.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "builder/flash-map.h"
#include "builder/spans.h"
#include "common/error.h"

LodgeFlashSource *
lodge_flash_source_new (int fd, const char *name, GError **error)
{
  LodgeFlashSource *source = g_new0 (LodgeFlashSource, 1);
  off_t size = lseek (fd, 0, SEEK_END);

  source->name = g_strdup (name);
  source->fd = fd;
  source->patch_fd = -1;
  source->size = size > 0 ? (guint64)size : 0;
  if (size >= 0 && source->size % 512 == 0 && source->size >= 4 * LODGE_FLASH_MARGIN)
    return source;
  if (size < 0)
    lodge_error_set_errno (error, errno, "read %s", name);
  else
    lodge_error_set (error, LODGE_ERROR_USAGE,
                     "%s is no image of a disk: it has %" G_GUINT64_FORMAT
                     " bytes, which is not a whole number of sectors or too few; was it cut off?",
                     name, source->size);
  lodge_flash_source_free (source);
  return NULL;
}

static gboolean
read_exactly (int fd, const char *name, guint8 *buffer, gsize length, guint64 offset,
              GError **error)
{
  while (length > 0)
    {
      ssize_t got = TEMP_FAILURE_RETRY (pread (fd, buffer, length, (off_t)offset));

      if (got < 0)
        return lodge_error_set_errno (error, errno, "read %s at byte %" G_GUINT64_FORMAT, name,
                                      offset);
      if (got == 0)
        return lodge_error_set (error, LODGE_ERROR_FAILED, "%s became shorter while it was read",
                                name);
      buffer += got;
      offset += (guint64)got;
      length -= (gsize)got;
    }
  return TRUE;
}

gboolean
lodge_flash_source_read (const LodgeFlashSource *source, void *buffer, gsize length, guint64 offset,
                         GError **error)
{
  guint8 *place = buffer;

  while (length > 0)
    {
      guint64 patch_end = source->patch_offset + source->patch_length;
      gboolean patched
          = source->patch_length > 0 && offset >= source->patch_offset && offset < patch_end;
      guint64 end = patched ? patch_end
                    : source->patch_length > 0 && offset < source->patch_offset
                        ? source->patch_offset
                        : G_MAXINT64;
      gsize part = (gsize)MIN ((guint64)length, end - offset);

      if (!read_exactly (patched ? source->patch_fd : source->fd, source->name, place, part,
                         patched ? offset - source->patch_offset : offset, error))
        return FALSE;
      place += part;
      offset += part;
      length -= part;
    }
  return TRUE;
}

GArray *
lodge_flash_source_data (const LodgeFlashSource *source)
{
  GArray *data = lodge_spans_new ();
  off_t size = (off_t)source->size;
  off_t offset = 0;

  while (offset < size)
    {
      off_t start = lseek (source->fd, offset, SEEK_DATA);
      off_t end;

      if (start < 0 && errno == ENXIO)
        break; /* nothing but a hole to the end */
      if (start < 0)
        start = offset; /* a file system that knows no holes */
      end = lseek (source->fd, start, SEEK_HOLE);
      if (end < 0 || end > size)
        end = size;
      lodge_spans_add (data, (guint64)start, (guint64)end);
      offset = end;
    }
  lodge_spans_add (data, source->patch_offset, source->patch_offset + source->patch_length);
  lodge_spans_merge (data, 0);
  return data;
}

void
lodge_flash_source_free (LodgeFlashSource *source)
{
  if (source == NULL)
    return;
  close (source->fd);
  if (source->patch_fd >= 0)
    close (source->patch_fd);
  g_free (source->name);
  g_free (source);
}

int
lodge_flash_temporary (guint64 size, const char *what, GError **error)
{
  const char *chosen = g_getenv ("TMPDIR");
  /* Not /tmp, which is often in memory. */
  const char *directory = chosen != NULL && *chosen != '\0' ? chosen : "/var/tmp";
  int fd = open (directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
    {
      g_autofree char *path = g_build_filename (directory, "lodge-flash-XXXXXX", NULL);

      fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
      if (fd >= 0)
        g_unlink (path);
    }
  if (fd < 0)
    {
      lodge_error_set_errno (error, errno, "make a temporary file in %s for %s", directory, what);
      return -1;
    }
  if (ftruncate (fd, (off_t)size) == 0)
    return fd;
  lodge_error_set_errno (error, errno, "make room in %s for %s", directory, what);
  close (fd);
  return -1;
}

char *
lodge_flash_temporary_path (int fd)
{
  return g_strdup_printf ("/proc/%d/fd/%d", (int)getpid (), fd);
}
