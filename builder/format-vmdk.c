/* VMDK as VMware's products import it: compressed on all processors.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/format.h"
#include "builder/vmdk-stream.h"
#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum
{
  /* Grains that are read, compressed side by side and then written in their order.  While one batch
   * is compressed, the one before it is written and the one behind it is read. */
  BATCH = 128,
  LEVEL = 6,
  SECTOR_SIZE = 512,
};

typedef struct _Batch Batch;

typedef struct
{
  Batch *batch; /* that it is in */
  guint64 number;
  guint8 *data;
  guint8 *packed; /* with room for the marker before and a sector behind */
  gsize length;   /* of what is compressed; 0: that failed */
} Grain;

struct _Batch
{
  Grain grains[BATCH];
  guint count;
  GMutex mutex;
  GCond done;
  guint pending; /* grains that are not compressed yet */
};

typedef struct
{
  int fd;
  const char *path;
  guint64 size;
  guint64 next; /* the next grain to look at */
} Image;

/* In a thread of the pool. */
static void
compress_grain (gpointer data, gpointer user_data)
{
  Grain *grain = data;
  Batch *batch = grain->batch;
  uLongf length = compressBound (LODGE_VMDK_GRAIN);

  (void)user_data;
  if (compress2 (grain->packed + LODGE_VMDK_MARKER, &length, grain->data, LODGE_VMDK_GRAIN, LEVEL)
      != Z_OK)
    length = 0;
  grain->length = length;
  g_mutex_lock (&batch->mutex);
  if (--batch->pending == 0)
    g_cond_signal (&batch->done);
  g_mutex_unlock (&batch->mutex);
}

static Batch *
batch_new (void)
{
  Batch *batch = g_new0 (Batch, 1);

  g_mutex_init (&batch->mutex);
  g_cond_init (&batch->done);
  for (guint i = 0; i < BATCH; i++)
    {
      batch->grains[i].batch = batch;
      batch->grains[i].data = g_malloc (LODGE_VMDK_GRAIN);
      batch->grains[i].packed
          = g_malloc (LODGE_VMDK_MARKER + compressBound (LODGE_VMDK_GRAIN) + SECTOR_SIZE);
    }
  return batch;
}

static void
batch_free (Batch *batch)
{
  for (guint i = 0; i < BATCH; i++)
    {
      g_free (batch->grains[i].data);
      g_free (batch->grains[i].packed);
    }
  g_mutex_clear (&batch->mutex);
  g_cond_clear (&batch->done);
  g_free (batch);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Batch, batch_free)

/* Moves IMAGE past a hole.  A file system without holes says that all is data. */
static void
skip_hole (Image *image)
{
  off_t data = lseek (image->fd, (off_t)(image->next * LODGE_VMDK_GRAIN), SEEK_DATA);

  if (data >= 0)
    image->next = (guint64)data / LODGE_VMDK_GRAIN;
  else if (errno == ENXIO)
    image->next = (image->size + LODGE_VMDK_GRAIN - 1) / LODGE_VMDK_GRAIN;
}

/* The next grain; the last one is filled up with zeros. */
static gboolean
read_grain (const Image *image, guint8 *data, GError **error)
{
  guint64 offset = image->next * LODGE_VMDK_GRAIN;
  gsize wanted = (gsize)MIN ((guint64)LODGE_VMDK_GRAIN, image->size - offset);

  memset (data + wanted, 0, LODGE_VMDK_GRAIN - wanted);
  while (wanted > 0)
    {
      ssize_t got = TEMP_FAILURE_RETRY (pread (image->fd, data, wanted, (off_t)offset));

      if (got <= 0)
        return lodge_error_set_errno (error, got < 0 ? errno : EIO, "read %s", image->path);
      data += got;
      offset += (guint64)got;
      wanted -= (gsize)got;
    }
  return TRUE;
}

static gboolean
is_zero (const guint8 *data)
{
  return data[0] == 0 && memcmp (data, data + 1, LODGE_VMDK_GRAIN - 1) == 0;
}

/* Reads the next grains that are not all zeros; none when the image is at its end. */
static gboolean
fill_batch (Batch *batch, Image *image, GError **error)
{
  batch->count = 0;
  while (batch->count < BATCH)
    {
      Grain *grain = &batch->grains[batch->count];

      skip_hole (image);
      if (image->next * LODGE_VMDK_GRAIN >= image->size)
        return TRUE;
      if (!read_grain (image, grain->data, error))
        return FALSE;
      grain->number = image->next++;
      if (!is_zero (grain->data))
        batch->count++;
    }
  return TRUE;
}

static void
push_batch (Batch *batch, GThreadPool *pool)
{
  batch->pending = batch->count;
  for (guint i = 0; i < batch->count; i++)
    g_thread_pool_push (pool, &batch->grains[i], NULL);
}

static void
wait_for_batch (Batch *batch)
{
  g_mutex_lock (&batch->mutex);
  while (batch->pending > 0)
    g_cond_wait (&batch->done, &batch->mutex);
  g_mutex_unlock (&batch->mutex);
}

/* Waits for BATCH and writes it. */
static gboolean
write_batch (Batch *batch, LodgeVmdkStream *stream, GError **error)
{
  wait_for_batch (batch);
  for (guint i = 0; i < batch->count; i++)
    {
      const Grain *grain = &batch->grains[i];

      if (grain->length == 0)
        return lodge_error_set (error, LODGE_ERROR_FAILED, "zlib cannot compress");
      if (!lodge_vmdk_stream_add (stream, grain->number, grain->packed, grain->length, error))
        return FALSE;
    }
  return TRUE;
}

/* NEXT is free, LAST being compressed. */
static gboolean
write_batches (Image *image, Batch *next, Batch *last, GThreadPool *pool, LodgeVmdkStream *stream,
               LodgeProgress *progress, GCancellable *cancellable, GError **error)
{
  do
    {
      Batch *written = last;

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !fill_batch (next, image, error))
        return FALSE;
      push_batch (next, pool);
      if (!write_batch (written, stream, error))
        return FALSE;
      if (progress != NULL)
        lodge_progress_bytes (progress, MIN (image->next * LODGE_VMDK_GRAIN, image->size),
                              image->size);
      last = next;
      next = written;
    }
  while (last->count > 0);
  return TRUE;
}

static gboolean
write_grains (Image *image, LodgeVmdkStream *stream, LodgeProgress *progress,
              GCancellable *cancellable, GError **error)
{
  g_autoptr (Batch) first = batch_new ();
  g_autoptr (Batch) second = batch_new (); /* empty: "compressed" already */
  GThreadPool *pool
      = g_thread_pool_new (compress_grain, NULL, (gint)g_get_num_processors (), TRUE, error);
  gboolean written;

  if (pool == NULL)
    return FALSE;
  written = write_batches (image, first, second, pool, stream, progress, cancellable, error);
  g_thread_pool_free (pool, TRUE, TRUE);
  return written;
}

static gboolean
write_vmdk (const LodgeFormatSource *source, int in, int out, const char *path,
            LodgeProgress *progress, GCancellable *cancellable, GError **error)
{
  g_autoptr (LodgeVmdkStream) stream = NULL;
  Image image = { .fd = in, .path = source->raw };
  struct stat status;

  if (fstat (in, &status) != 0)
    return lodge_error_set_errno (error, errno, "look at %s", source->raw);
  image.size = (guint64)status.st_size;
  stream = lodge_vmdk_stream_new (out, path, image.size, source->build_hash, error);
  return stream != NULL && write_grains (&image, stream, progress, cancellable, error)
         && lodge_vmdk_stream_finish (stream, error);
}

gboolean
lodge_format_vmdk_write (const LodgeFormatSource *source, const char *path, LodgeProgress *progress,
                         GCancellable *cancellable, GError **error)
{
  int in = open (source->raw, O_RDONLY | O_CLOEXEC);
  int out;
  gboolean written;

  if (in < 0)
    return lodge_error_set_errno (error, errno, "open %s", source->raw);
  out = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (out < 0)
    {
      lodge_error_set_errno (error, errno, "create %s", path);
      close (in);
      return FALSE;
    }
  written = write_vmdk (source, in, out, path, progress, cancellable, error);
  close (in);
  if (close (out) != 0 && written)
    written = lodge_error_set_errno (error, errno, "write %s", path);
  if (!written)
    unlink (path);
  return written;
}
