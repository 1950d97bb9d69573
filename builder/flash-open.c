/* From what the user calls an image to what can be written.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-open.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "builder/flash-checksum.h"
#include "builder/flash-length.h"
#include "builder/flash-unpack.h"
#include "builder/format.h"
#include "builder/image-format.h"
#include "builder/output.h"
#include "common/error.h"

static char *
without_suffix (const char *path, const char *suffix)
{
  return suffix != NULL && g_str_has_suffix (path, suffix)
             ? g_strndup (path, strlen (path) - strlen (suffix))
             : g_strdup (path);
}

char *
lodge_flash_find_map (const char *image, const char *compression)
{
  g_autofree char *unpacked = without_suffix (image, compression);
  g_autofree char *names = lodge_format_names ();
  g_auto (GStrv) formats = g_strsplit (names, ", ", -1);
  g_autofree char *base = g_strdup (unpacked);
  g_autofree char *path = NULL;

  for (char **name = formats; *name != NULL; name++)
    {
      const char *suffix = lodge_format_find (*name)->suffix;

      if (g_str_has_suffix (unpacked, suffix))
        {
          g_free (base);
          base = without_suffix (unpacked, suffix);
        }
    }
  path = g_strconcat (base, LODGE_OUTPUT_MAP, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

static int
open_raw (const char *image, const char *compression, LodgeProgress *progress,
          GCancellable *cancellable, GError **error)
{
  const char *format;
  int fd;

  if (compression != NULL)
    return lodge_flash_unpack (image, progress, cancellable, error);
  format = lodge_image_format (image, error);
  if (format == NULL)
    return -1;
  if (strcmp (format, "raw") != 0)
    return lodge_flash_convert (image, format, progress, cancellable, error);
  fd = open (image, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    lodge_error_set_errno (error, errno, "open %s", image);
  return fd;
}

/* The mark that BIOS and UEFI alike want in the first sector (UEFI specification, "Protective
 * MBR"); a compressed file may hold anything. */
static gboolean
check_mark (const LodgeFlashSource *source, GError **error)
{
  guint8 mark[2];

  if (!lodge_flash_source_read (source, mark, sizeof mark, 510, error))
    return FALSE;
  return (mark[0] == 0x55 && mark[1] == 0xaa)
         || lodge_error_set (error, LODGE_ERROR_USAGE,
                             "%s is not the image of a disk: it has no partition table",
                             source->name);
}

static void
show_checked (guint64 bytes, guint64 total, gpointer data)
{
  lodge_progress_bytes (data, bytes, total);
}

LodgeFlashImage *
lodge_flash_image_open (const char *image, LodgeProgress *progress, GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (LodgeFlashImage) opened = g_new0 (LodgeFlashImage, 1);
  GError *reason = NULL;
  const char *compression = lodge_flash_compression (image, &reason);
  g_autofree char *map = lodge_flash_find_map (image, compression);
  int fd;

  if (reason != NULL)
    {
      g_propagate_error (error, reason);
      return NULL;
    }
  /* A map has hashes of its own, of all that is written. */
  if (map == NULL && !lodge_flash_checksum (image, progress, cancellable, error))
    return NULL;
  fd = open_raw (image, compression, progress, cancellable, error);
  if (fd < 0)
    return NULL;
  opened->source = lodge_flash_source_new (fd, image, error);
  if (opened->source == NULL || !check_mark (opened->source, error)
      || !lodge_flash_length_check (opened->source, error))
    return NULL;
  if (map == NULL)
    {
      lodge_progress_step (progress, "scan", "Look where the image has data");
      lodge_progress_note (progress, "%s has no flash map: the whole image is written", image);
    }
  opened->map = map != NULL ? lodge_flash_map_load (map, error)
                            : lodge_flash_map_make (opened->source, FALSE, show_checked, progress,
                                                    cancellable, error);
  if (opened->map == NULL)
    return NULL;
  lodge_progress_step (progress, "check", "Check the image");
  if (!lodge_flash_map_hash (opened->map, opened->source, TRUE, show_checked, progress, cancellable,
                             error))
    return NULL;
  lodge_progress_finish (progress);
  return g_steal_pointer (&opened);
}

void
lodge_flash_image_free (LodgeFlashImage *image)
{
  if (image == NULL)
    return;
  lodge_flash_source_free (image->source);
  lodge_flash_map_free (image->map);
  g_free (image);
}
