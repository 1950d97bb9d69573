/* The work on one disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-job.h"

#include <stdlib.h>
#include <string.h>

#include "builder/flash-table.h"
#include "common/error.h"

/* Bytes between two times that the disk's cache is emptied: so long at most are its buffers ahead
 * of what is shown. */
#define SYNC_PERIOD (G_GUINT64_CONSTANT (16) << 20)

enum
{
  /* What a firmware looks at to find out whether a disk is bootable: the boot sector, and the
   * header of the GPT. */
  FIRST = 4096,
};

G_STATIC_ASSERT (LODGE_FLASH_MARGIN <= LODGE_FLASH_CHUNK); /* it is cleared from the buffer */

LodgeFlashJob *
lodge_flash_job_new (LodgeFlashDevice *device, GPtrArray *patches,
                     const LodgeFlashIdentity *identity)
{
  LodgeFlashJob *job = g_new0 (LodgeFlashJob, 1);

  job->device = device;
  job->patches = g_ptr_array_ref (patches);
  job->identity = identity;
  return job;
}

const char *
lodge_flash_job_path (const LodgeFlashJob *job)
{
  return job->device->path;
}

const GError *
lodge_flash_job_error (const LodgeFlashJob *job)
{
  return job->error;
}

LodgeFlashState
lodge_flash_job_state (LodgeFlashJob *job)
{
  LodgeFlashState state;

  if (job->shared == NULL)
    return job->state;
  g_mutex_lock (&job->shared->mutex);
  state = job->state;
  g_mutex_unlock (&job->shared->mutex);
  return state;
}

void
lodge_flash_job_free (LodgeFlashJob *job)
{
  if (job == NULL)
    return;
  lodge_flash_device_free (job->device);
  g_ptr_array_unref (job->patches);
  g_clear_error (&job->error);
  g_free (job);
}

void
lodge_flash_job_begin (LodgeFlashJob *job, LodgeFlashPhase phase, guint64 total)
{
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&job->shared->mutex);
  if (job->state.phase == LODGE_FLASH_WRITE && phase == LODGE_FLASH_VERIFY)
    job->state.written = now - job->state.started;
  job->state.phase = phase;
  job->state.done = 0;
  job->state.total = total;
  job->state.started = now;
  if (phase == LODGE_FLASH_DONE || phase == LODGE_FLASH_FAILED)
    job->state.ended = now;
  g_cond_broadcast (&job->shared->changed);
  g_mutex_unlock (&job->shared->mutex);
}

void
lodge_flash_job_advance (LodgeFlashJob *job, guint64 done)
{
  g_mutex_lock (&job->shared->mutex);
  job->state.done = done;
  g_mutex_unlock (&job->shared->mutex);
}

gboolean
lodge_flash_job_check (LodgeFlashJob *job, GError **error)
{
  LodgeFlashShared *shared = job->shared;
  gboolean good = TRUE;

  if (g_cancellable_is_cancelled (shared->cancellable))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s: stopped", job->device->path);
  g_mutex_lock (&shared->mutex);
  if (shared->error != NULL)
    {
      g_propagate_error (error, g_error_copy (shared->error));
      good = FALSE;
    }
  g_mutex_unlock (&shared->mutex);
  return good;
}

/* Written, and not left to the disk: one that only promises zeros would keep what boots. */
static gboolean
clear_margin (LodgeFlashDevice *device, guint64 offset, GError **error)
{
  memset (device->buffer, 0, LODGE_FLASH_MARGIN);
  return lodge_flash_device_write (device, device->buffer, LODGE_FLASH_MARGIN, offset, error);
}

/* No firmware and no kernel finds a system on the disk until it is complete; and nothing of what it
 * held (a GPT's backup, a RAID's superblock) comes to life again. */
static gboolean
clear_margins (LodgeFlashJob *job, GError **error)
{
  LodgeFlashDevice *device = job->device;
  const guint64 offsets[] = { 0, device->size - LODGE_FLASH_MARGIN };
  gboolean good = TRUE;

  /* Before: what fails may have written a part of it. */
  g_mutex_lock (&job->shared->mutex);
  job->state.touched = TRUE;
  g_mutex_unlock (&job->shared->mutex);
  /* Both in any case: of a disk that is half cleared, as little as can be shall boot. */
  for (gsize i = 0; i < G_N_ELEMENTS (offsets); i++)
    good = clear_margin (device, offsets[i], good ? error : NULL) && good;
  if (!good || !lodge_flash_device_sync (device, error))
    return FALSE;
  lodge_flash_device_forget (device);
  for (gsize i = 0; i < G_N_ELEMENTS (offsets); i++)
    if (!lodge_flash_verify_zeros (job, offsets[i], LODGE_FLASH_MARGIN, error))
      return FALSE;
  return TRUE;
}

static gboolean
write_piece (LodgeFlashJob *job, const LodgeFlashPiece *piece, GError **error)
{
  if (piece->bytes == NULL)
    return lodge_flash_device_zero (job->device, piece->offset, piece->length, error);
  return lodge_flash_device_write (job->device, piece->bytes, (gsize)piece->length, piece->offset,
                                   error);
}

static gboolean
write_pieces (LodgeFlashJob *job, GError **error)
{
  const LodgeFlashPiece *piece;
  guint64 done = 0;
  guint64 synced = 0;

  while (lodge_flash_job_check (job, error) && lodge_flash_feed_next (job->taker, &piece, error))
    {
      if (piece == NULL)
        return lodge_flash_job_check (job, error) && lodge_flash_device_sync (job->device, error);
      if (!write_piece (job, piece, error))
        return FALSE;
      done += piece->length;
      if (done - synced < SYNC_PERIOD)
        continue;
      if (!lodge_flash_device_sync (job->device, error))
        return FALSE;
      synced = done;
      lodge_flash_job_advance (job, done);
    }
  return FALSE;
}

static gboolean
write_body (LodgeFlashJob *job, GError **error)
{
  gboolean good = lodge_flash_job_check (job, error) && clear_margins (job, error)
                  && write_pieces (job, error);

  /* After a failure too, the others wait for the memory. */
  lodge_flash_feed_leave (job->taker);
  return good;
}

static gboolean
write_bytes (LodgeFlashJob *job, guint64 offset, const guint8 *bytes, gsize size, GError **error)
{
  for (gsize done = 0; done < size;)
    {
      gsize length = MIN (size - done, LODGE_FLASH_CHUNK);

      memcpy (job->device->buffer, bytes + done, length);
      if (!lodge_flash_device_write (job->device, job->device->buffer, length, offset + done,
                                     error))
        return FALSE;
      done += length;
    }
  return lodge_flash_device_sync (job->device, error);
}

/* The backup at the end, what is behind the first sectors, then these: each on the disk before the
 * next. */
static gboolean
write_table (LodgeFlashJob *job, GError **error)
{
  for (guint i = job->patches->len; i-- > 0;)
    {
      const LodgeFlashPatch *patch = g_ptr_array_index (job->patches, i);
      gsize size;
      const guint8 *bytes = g_bytes_get_data (patch->bytes, &size);

      if (!lodge_flash_job_check (job, error))
        return FALSE;
      if (patch->offset != 0 ? !write_bytes (job, patch->offset, bytes, size, error)
                             : !write_bytes (job, FIRST, bytes + FIRST, size - FIRST, error)
                                   || !write_bytes (job, 0, bytes, FIRST, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
verify_table (LodgeFlashJob *job, GError **error)
{
  for (guint i = 0; i < job->patches->len; i++)
    {
      const LodgeFlashPatch *patch = g_ptr_array_index (job->patches, i);

      if (!lodge_flash_verify_bytes (job, patch->offset, patch->bytes, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
give_identity (LodgeFlashJob *job, GError **error)
{
  lodge_flash_job_begin (job, LODGE_FLASH_UUIDS, 0);
  return lodge_flash_identity_give (job->identity, job->device, job->shared->cancellable, error)
         && lodge_flash_job_check (job, error);
}

static gboolean
do_all (LodgeFlashJob *job, GError **error)
{
  if (!write_body (job, error))
    return FALSE;
  lodge_flash_job_begin (job, LODGE_FLASH_VERIFY, job->body);
  if (!lodge_flash_verify_body (job, error))
    return FALSE;
  if (job->identity != NULL && !give_identity (job, error))
    return FALSE;
  lodge_flash_job_begin (job, LODGE_FLASH_TABLE, 0);
  return write_table (job, error) && verify_table (job, error);
}

/* Of a disk that may be half right, nothing shall boot.  One that is gone, or takes nothing any
 * more, was cleared before, as long as its table was not begun; but that cannot be seen. */
static void
spoil (LodgeFlashJob *job)
{
  gboolean spoilt = job->state.touched && clear_margins (job, NULL);

  g_mutex_lock (&job->shared->mutex);
  job->state.spoilt = spoilt;
  g_mutex_unlock (&job->shared->mutex);
}

gpointer
lodge_flash_job_run (gpointer data)
{
  LodgeFlashJob *job = data;
  gboolean good = do_all (job, &job->error);

  if (good)
    lodge_flash_device_reread (job->device);
  else
    spoil (job);
  lodge_flash_job_begin (job, good ? LODGE_FLASH_DONE : LODGE_FLASH_FAILED, 0);
  return NULL;
}
