/* Reading and writing sectors of a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/sectors.h"
#include "common/error.h"

#include <errno.h>
#include <unistd.h>

GBytes *
lodge_sectors_read (int fd, guint64 offset, gsize length, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (length);
  gsize done = 0;

  while (done < length)
    {
      ssize_t count
          = TEMP_FAILURE_RETRY (pread (fd, buffer + done, length - done, (off_t)(offset + done)));

      if (count <= 0)
        {
          lodge_error_set_errno (error, count == 0 ? ENXIO : errno,
                                 "read %" G_GSIZE_FORMAT " bytes at byte %" G_GUINT64_FORMAT,
                                 length, offset);
          return NULL;
        }
      done += (gsize)count;
    }
  return g_bytes_new_take (g_steal_pointer (&buffer), length);
}

gboolean
lodge_sectors_write (int fd, guint64 offset, GBytes *bytes, GError **error)
{
  gsize length, done = 0;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  while (done < length)
    {
      ssize_t count
          = TEMP_FAILURE_RETRY (pwrite (fd, data + done, length - done, (off_t)(offset + done)));

      if (count <= 0)
        return lodge_error_set_errno (error, count == 0 ? ENXIO : errno,
                                      "write %" G_GSIZE_FORMAT " bytes at byte %" G_GUINT64_FORMAT,
                                      length, offset);
      done += (gsize)count;
    }
  return TRUE;
}

static void
sector_write_free (gpointer data)
{
  LodgeSectorWrite *sector_write = data;

  g_bytes_unref (sector_write->bytes);
  g_free (sector_write);
}

GPtrArray *
lodge_sector_writes_new (void)
{
  return g_ptr_array_new_with_free_func (sector_write_free);
}

void
lodge_sector_writes_add (GPtrArray *writes, guint64 offset, GBytes *bytes, const char *what)
{
  LodgeSectorWrite *sector_write = g_new0 (LodgeSectorWrite, 1);

  sector_write->offset = offset;
  sector_write->bytes = g_bytes_ref (bytes);
  sector_write->what = what;
  g_ptr_array_add (writes, sector_write);
}

gboolean
lodge_sector_writes_apply (const GPtrArray *writes, int fd, GError **error)
{
  for (guint i = 0; i < writes->len; i++)
    {
      const LodgeSectorWrite *sector_write = writes->pdata[i];

      if (!lodge_sectors_write (fd, sector_write->offset, sector_write->bytes, error))
        {
          g_prefix_error (error, "%s: ", sector_write->what);
          return FALSE;
        }
      if (fsync (fd) != 0)
        return lodge_error_set_errno (error, errno, "%s cannot be written", sector_write->what);
    }
  return TRUE;
}
