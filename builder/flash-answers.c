/* Answers on the LODGE partition of an image that is written to a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The partition is copied into a temporary file, mtools put answers.conf there, and the disk gets
 * that file in the partition's place: no disk is mounted, and the image stays as it is.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "builder/flash-free.h"
#include "builder/flash-open.h"
#include "builder/flash-partition.h"
#include "builder/sparse-copy.h"
#include "common/error.h"
#include "common/run.h"

#define PARTITION_NAME "LODGE"

static gboolean
find_partition (const LodgeFlashSource *source, LodgeSpan *place, GError **error)
{
  return lodge_flash_partition_find (source, PARTITION_NAME, place)
         || lodge_error_set (error, LODGE_ERROR_USAGE,
                             "%s has no partition called " PARTITION_NAME
                             " that answers could be put on: was it made by lodge build?",
                             source->name);
}

/* mcopy would take a device or a file; ours is not mounted by anybody. */
static gboolean
put_file (int fd, const char *text, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = lodge_flash_temporary_path (fd);
  g_autofree char *output = NULL;
  const char *argv[] = { "mcopy", "-o", "-i", path, "-", "::answers.conf", NULL };

  output = lodge_run (argv, text, cancellable, error);
  return output != NULL;
}

static gboolean
check_file (int fd, const char *text, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = lodge_flash_temporary_path (fd);
  g_autofree char *wanted = g_strdup (text);
  g_autofree char *found = NULL;
  const char *argv[] = { "mtype", "-i", path, "::answers.conf", NULL };

  found = lodge_run (argv, NULL, cancellable, error);
  if (found == NULL)
    return FALSE;
  /* lodge_run() takes a newline off the end. */
  g_strchomp (wanted);
  g_strchomp (found);
  return strcmp (found, wanted) == 0
         || lodge_error_set (error, LODGE_ERROR_FAILED, "answers.conf reads otherwise");
}

/* What of the changed partition has to be written. */
static LodgeFlashMap *
map_partition (int fd, guint64 size, GError **error)
{
  LodgeFlashSource source = { .fd = fd, .size = size, .patch_fd = -1 };
  g_autoptr (GArray) data = lodge_flash_source_data (&source);
  g_autoptr (GArray) free = lodge_spans_new ();

  if (!lodge_flash_free_fat (fd, PARTITION_NAME, 0, size, free, error))
    return NULL;
  return lodge_flash_map_new (size, data, free);
}

static gboolean
make_patch (LodgeFlashImage *image, const LodgeSpan *place, int fd, const char *text,
            GCancellable *cancellable, GError **error)
{
  LodgeFlashSource *source = image->source;
  guint64 size = place->end - place->start;
  g_autoptr (LodgeFlashMap) part = NULL;

  if (!lodge_sparse_copy (source->fd, source->name, place->start, fd, "a temporary file", 0, size,
                          cancellable, error)
      || !put_file (fd, text, cancellable, error) || !check_file (fd, text, cancellable, error)
      || (part = map_partition (fd, size, error)) == NULL)
    {
      g_prefix_error (error, "put the answers on the partition " PARTITION_NAME ": ");
      return FALSE;
    }
  source->patch_fd = fd;
  source->patch_offset = place->start;
  source->patch_length = size;
  lodge_flash_map_replace (image->map, place->start, place->end, part);
  return TRUE;
}

gboolean
lodge_flash_image_put_answers (LodgeFlashImage *image, const char *text, GCancellable *cancellable,
                               GError **error)
{
  LodgeSpan place = { 0 };
  int fd;

  if (!find_partition (image->source, &place, error))
    return FALSE;
  fd = lodge_flash_temporary (place.end - place.start, "the answers", error);
  if (fd < 0)
    return FALSE;
  if (!make_patch (image, &place, fd, text, cancellable, error))
    {
      close (fd);
      return FALSE;
    }
  return lodge_flash_map_hash (image->map, image->source, FALSE, NULL, NULL, cancellable, error);
}
