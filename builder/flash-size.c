/* How much room an image needs, known before it is unpacked.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-size.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "builder/flash-length.h"
#include "builder/flash-map.h"
#include "builder/flash-open.h"
#include "builder/flash-packed.h"
#include "builder/flash-unpack.h"
#include "builder/image-format.h"
#include "common/error.h"

/* Of a map that is damaged it is told when the image is opened. */
static guint64
mapped_size (const char *image, const char *compression)
{
  g_autofree char *path = lodge_flash_find_map (image, compression);
  g_autoptr (LodgeFlashMap) map = path != NULL ? lodge_flash_map_load (path, NULL) : NULL;

  return map != NULL ? map->image_size : 0;
}

/* The beginning of a packed image as a source of LENGTH bytes, the rest a hole: its partition table
 * is there.  0: of the shortest image. */
static LodgeFlashSource *
open_start (const char *image, guint64 length, GCancellable *cancellable, GError **error)
{
  int fd = lodge_flash_unpack_start (image, cancellable, error);

  if (fd < 0)
    return NULL;
  if (ftruncate (fd, (off_t)(length > 0 ? length : 4 * LODGE_FLASH_MARGIN)) != 0)
    {
      lodge_error_set_errno (error, errno, "unpack the beginning of %s", image);
      close (fd);
      return NULL;
    }
  return lodge_flash_source_new (fd, image, error);
}

static gboolean
find_packed (const char *image, const char *compression, guint64 *size, GCancellable *cancellable,
             GError **error)
{
  guint64 length = lodge_flash_packed_length (image, compression);
  g_autoptr (LodgeFlashSource) source = open_start (image, length, cancellable, error);

  if (source == NULL)
    return FALSE;
  *size = length > 0 ? length : mapped_size (image, compression);
  if (length > 0)
    return lodge_flash_length_check (source, error);
  return *size > 0 || lodge_flash_length_wanted (source, size, error);
}

gboolean
lodge_flash_size_find (const char *image, guint64 *size, GCancellable *cancellable, GError **error)
{
  GError *reason = NULL;
  const char *compression = lodge_flash_compression (image, &reason);
  const char *format;

  *size = 0;
  if (reason != NULL)
    {
      g_propagate_error (error, reason);
      return FALSE;
    }
  if (compression != NULL)
    return find_packed (image, compression, size, cancellable, error);
  format = lodge_image_format (image, error);
  if (format == NULL)
    return FALSE;
  if (strcmp (format, "raw") == 0)
    return lodge_flash_length_check_file (image, size, error);
  return lodge_flash_virtual_size (image, format, size, cancellable, error);
}
