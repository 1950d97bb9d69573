/* Reading back what was written.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "builder/flash-job.h"
#include "common/error.h"

static gboolean
set_different (const LodgeFlashJob *job, guint64 offset, GError **error)
{
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "%s does not hold what was written to it, near byte %" G_GUINT64_FORMAT
                          ": it is worn out, counterfeit or badly connected; use another one",
                          job->device->path, offset);
}

static gboolean
all_zero (const guint8 *bytes, gsize length)
{
  return bytes[0] == 0 && memcmp (bytes, bytes + 1, length - 1) == 0;
}

static gboolean
verify_range (LodgeFlashJob *job, const LodgeFlashRange *range, LodgeSha256 *sum, guint64 *done,
              GError **error)
{
  char text[LODGE_SHA256_DIGITS + 1];
  guint64 end = range->offset + range->length;

  for (guint64 offset = range->offset; offset < end;)
    {
      gsize length = (gsize)MIN (end - offset, LODGE_FLASH_CHUNK);

      if (!lodge_flash_job_check (job, error)
          || !lodge_flash_device_read (job->device, length, offset, error))
        return FALSE;
      if (range->kind == LODGE_FLASH_ZERO && !all_zero (job->device->buffer, length))
        return set_different (job, offset, error);
      if (range->kind == LODGE_FLASH_DATA
          && !lodge_sha256_add (sum, job->device->buffer, length, error))
        return FALSE;
      offset += length;
      *done += length;
      lodge_flash_job_advance (job, *done);
    }
  if (range->kind == LODGE_FLASH_ZERO)
    return TRUE;
  if (!lodge_sha256_finish (sum, text, error))
    return FALSE;
  return strcmp (text, range->sha256) == 0 || set_different (job, range->offset, error);
}

gboolean
lodge_flash_verify_body (LodgeFlashJob *job, GError **error)
{
  const LodgeFlashMap *map = job->shared->map;
  g_autoptr (LodgeSha256) sum = lodge_sha256_new (error);
  guint64 done = 0;

  if (sum == NULL)
    return FALSE;
  lodge_flash_device_forget (job->device);
  for (guint i = 0; i < map->ranges->len; i++)
    {
      const LodgeFlashRange *range = &g_array_index (map->ranges, LodgeFlashRange, i);

      if (!lodge_flash_is_margin (map, range) && !verify_range (job, range, sum, &done, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
lodge_flash_verify_zeros (LodgeFlashJob *job, guint64 offset, guint64 length, GError **error)
{
  return lodge_flash_device_read (job->device, (gsize)length, offset, error)
         && (all_zero (job->device->buffer, (gsize)length) || set_different (job, offset, error));
}

gboolean
lodge_flash_verify_bytes (LodgeFlashJob *job, guint64 offset, GBytes *bytes, GError **error)
{
  gsize size;
  const guint8 *wanted = g_bytes_get_data (bytes, &size);

  lodge_flash_device_forget (job->device);
  for (gsize done = 0; done < size;)
    {
      gsize length = MIN (size - done, LODGE_FLASH_CHUNK);

      if (!lodge_flash_device_read (job->device, length, offset + done, error))
        return FALSE;
      if (memcmp (job->device->buffer, wanted + done, length) != 0)
        return set_different (job, offset + done, error);
      done += length;
    }
  return TRUE;
}
