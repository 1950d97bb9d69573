/* What is written to disks: a raw image, one part of which may come from another file.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

typedef struct
{
  char *name;   /* the image as the user named it, for messages */
  int fd;       /* of a raw image */
  guint64 size; /* bytes, a multiple of 512 */
  /* From here on PATCH_LENGTH bytes (0: none) are not the image's but the file PATCH's: the LODGE
   * partition with answers. */
  guint64 patch_offset;
  guint64 patch_length;
  int patch_fd; /* -1: none */
} LodgeFlashSource;

/* The raw image FD, which becomes the source's; it is called NAME.  Refuses one whose size is not a
 * multiple of 512 bytes or too small for a partition table. */
LodgeFlashSource *lodge_flash_source_new (int fd, const char *name, GError **error);

/* Exactly LENGTH bytes at OFFSET into BUFFER. */
gboolean lodge_flash_source_read (const LodgeFlashSource *source, void *buffer, gsize length,
                                  guint64 offset, GError **error);

/* Where the source has data, as spans (spans.h); the patch is all data. */
GArray *lodge_flash_source_data (const LodgeFlashSource *source);

void lodge_flash_source_free (LodgeFlashSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeFlashSource, lodge_flash_source_free)

/* An unnamed file of SIZE bytes, all hole, that is gone when it is closed, in TMPDIR or /var/tmp:
 * it may become as large as an image; -1 with ERROR set.  WHAT is what it is for. */
int lodge_flash_temporary (guint64 size, const char *what, GError **error);

/* A name by which other programs that we run can open it; free with g_free. */
char *lodge_flash_temporary_path (int fd);
