/* Reading and writing sectors of a disk, and writing several in an order that a power cut may end
 * anywhere.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Exactly LENGTH bytes at OFFSET, or NULL with ERROR set; the error does not name the disk: the
 * caller prefixes it. */
GBytes *lodge_sectors_read (int fd, guint64 offset, gsize length, GError **error);
gboolean lodge_sectors_write (int fd, guint64 offset, GBytes *bytes, GError **error);

/* One write of an ordered list. */
typedef struct
{
  guint64 offset; /* bytes */
  GBytes *bytes;
  const char *what; /* "the backup header", for messages */
} LodgeSectorWrite;

/* An empty list, of LodgeSectorWrite. */
GPtrArray *lodge_sector_writes_new (void);

/* Appends a write; takes a reference of BYTES.  WHAT is a string constant. */
void lodge_sector_writes_add (GPtrArray *writes, guint64 offset, GBytes *bytes, const char *what);

/* Writes the list in its order, each on the disk (fsync, which flushes the disk's own cache) before
 * the next is begun. */
gboolean lodge_sector_writes_apply (const GPtrArray *writes, int fd, GError **error);
