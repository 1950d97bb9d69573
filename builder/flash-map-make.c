/* The flash map of an image: what it holds, its hashes, and whether it still holds that.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-map.h"

#include <string.h>
#include <unistd.h>

#include "builder/flash-free.h"
#include "builder/spans.h"
#include "common/error.h"

enum
{
  CHUNK = 1024 * 1024, /* bytes */
  BLOCK = 4096,        /* bytes: what is looked at for zeros */
};

/* One reading of the image. */
typedef struct
{
  const LodgeFlashSource *source;
  LodgeSha256 *sum;
  guint8 *buffer; /* CHUNK bytes */
  guint64 done;
  guint64 total;
  void (*show) (guint64 bytes, guint64 total, gpointer data);
  gpointer data;
  GCancellable *cancellable;
} Pass;

static gboolean
all_zero (const guint8 *bytes, gsize length)
{
  return length == 0 || (bytes[0] == 0 && memcmp (bytes, bytes + 1, length - 1) == 0);
}

static void
advance (Pass *pass, gsize length)
{
  pass->done += length;
  if (pass->show != NULL)
    pass->show (pass->done, pass->total, pass->data);
}

/* The blocks from START to END that are not all zeros go into FOUND. */
static gboolean
find_content (Pass *pass, guint64 start, guint64 end, GArray *found, GError **error)
{
  while (start < end)
    {
      gsize length = (gsize)MIN (end - start, CHUNK);

      if (g_cancellable_set_error_if_cancelled (pass->cancellable, error)
          || !lodge_flash_source_read (pass->source, pass->buffer, length, start, error))
        return FALSE;
      for (gsize i = 0; i < length; i += BLOCK)
        if (!all_zero (pass->buffer + i, MIN (length - i, BLOCK)))
          lodge_spans_add (found, start + i, start + MIN (i + BLOCK, length));
      start += length;
      advance (pass, length);
    }
  return TRUE;
}

/* Where the image is not zero.  What the file system under it says are data depends on how the file
 * was written and copied, and may be zeros too; the same image shall give the same map. */
static GArray *
read_content (Pass *pass, GError **error)
{
  g_autoptr (GArray) data = lodge_flash_source_data (pass->source);
  g_autoptr (GArray) blocks = lodge_spans_align (data, BLOCK, TRUE);
  g_autoptr (GArray) found = lodge_spans_new ();
  guint64 size = pass->source->size;

  for (guint i = 0; i < blocks->len; i++)
    {
      const LodgeSpan *span = &g_array_index (blocks, LodgeSpan, i);

      pass->total += MIN (span->end, size) - span->start;
    }
  for (guint i = 0; i < blocks->len; i++)
    {
      const LodgeSpan *span = &g_array_index (blocks, LodgeSpan, i);

      if (!find_content (pass, span->start, MIN (span->end, size), found, error))
        return NULL;
    }
  lodge_spans_merge (found, 0);
  return g_steal_pointer (&found);
}

LodgeFlashMap *
lodge_flash_map_make (const LodgeFlashSource *source, gboolean sparse,
                      void (*done) (guint64 bytes, guint64 total, gpointer data), gpointer user,
                      GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (CHUNK);
  Pass pass = {
    .source = source, .buffer = buffer, .show = done, .data = user, .cancellable = cancellable
  };
  g_autoptr (GArray) data = read_content (&pass, error);
  g_autoptr (GArray) free = lodge_spans_new ();
  g_autofree char *path = lodge_flash_temporary_path (source->fd); /* libext2fs wants a name */

  if (data == NULL)
    return NULL;
  if (sparse && !lodge_flash_free (source->fd, path, free, error))
    {
      g_prefix_error (error, "%s: ", source->name);
      return NULL;
    }
  return lodge_flash_map_new (source->size, data, free);
}

static gboolean
set_changed (const Pass *pass, guint64 offset, GError **error)
{
  return lodge_error_set (
      error, LODGE_ERROR_FAILED,
      "%s is not what its flash map was made of: it was changed or damaged near "
      "byte %" G_GUINT64_FORMAT "; if you changed it, remove its .map file: the "
      "whole image is written then",
      pass->source->name, offset);
}

/* A hole in the file is zero without being read. */
static gboolean
is_hole (const LodgeFlashSource *source, const LodgeFlashRange *range)
{
  off_t data = lseek (source->fd, (off_t)range->offset, SEEK_DATA);

  return source->patch_length == 0 && (data < 0 || (guint64)data >= range->offset + range->length);
}

static gboolean
read_range (Pass *pass, const LodgeFlashRange *range, GError **error)
{
  guint64 end = range->offset + range->length;

  for (guint64 offset = range->offset; offset < end;)
    {
      gsize length = (gsize)MIN (end - offset, CHUNK);

      if (g_cancellable_set_error_if_cancelled (pass->cancellable, error)
          || !lodge_flash_source_read (pass->source, pass->buffer, length, offset, error))
        return FALSE;
      if (range->kind == LODGE_FLASH_ZERO && !all_zero (pass->buffer, length))
        return set_changed (pass, offset, error);
      if (range->kind == LODGE_FLASH_DATA
          && !lodge_sha256_add (pass->sum, pass->buffer, length, error))
        return FALSE;
      offset += length;
      advance (pass, range->kind == LODGE_FLASH_DATA ? length : 0);
    }
  return TRUE;
}

static gboolean
do_range (Pass *pass, LodgeFlashRange *range, GError **error)
{
  char text[LODGE_SHA256_DIGITS + 1];

  if (range->kind == LODGE_FLASH_ZERO)
    return is_hole (pass->source, range) || read_range (pass, range, error);
  if (!read_range (pass, range, error) || !lodge_sha256_finish (pass->sum, text, error))
    return FALSE;
  if (range->sha256[0] != '\0' && strcmp (range->sha256, text) != 0)
    return set_changed (pass, range->offset, error);
  memcpy (range->sha256, text, sizeof text);
  return TRUE;
}

gboolean
lodge_flash_map_hash (LodgeFlashMap *map, const LodgeFlashSource *source, gboolean compare,
                      void (*done) (guint64 bytes, guint64 total, gpointer data), gpointer data,
                      GCancellable *cancellable, GError **error)
{
  g_autoptr (LodgeSha256) sum = lodge_sha256_new (error);
  g_autofree guint8 *buffer = g_malloc (CHUNK);
  Pass pass = { .source = source,
                .sum = sum,
                .buffer = buffer,
                .total = lodge_flash_map_bytes (map, LODGE_FLASH_DATA),
                .show = done,
                .data = data,
                .cancellable = cancellable };

  if (sum == NULL)
    return FALSE;
  if (map->image_size != source->size)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "%s has %" G_GUINT64_FORMAT
                            " bytes and its flash map is of an image of "
                            "%" G_GUINT64_FORMAT "; was one of them cut off, or built anew?",
                            source->name, source->size, map->image_size);
  for (guint i = 0; i < map->ranges->len; i++)
    {
      LodgeFlashRange *range = &g_array_index (map->ranges, LodgeFlashRange, i);
      gboolean unknown = range->kind == LODGE_FLASH_DATA && range->sha256[0] == '\0';

      if ((compare || unknown) && !do_range (&pass, range, error))
        return FALSE;
    }
  return TRUE;
}
