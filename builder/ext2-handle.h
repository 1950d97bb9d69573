/* libext2fs' handle of an ext4 file system inside a file, cleaned up by itself.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <ext2fs/ext2fs.h>
#include <glib.h>

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (ext2_filsys, ext2fs_free, NULL)

/* Opens the file system in FILE at OFFSET (bytes) for writing. */
ext2_filsys lodge_ext2_open (const char *file, guint64 offset, GError **error);
/* The same for reading only. */
ext2_filsys lodge_ext2_open_to_read (const char *file, guint64 offset, GError **error);

/* Writes what was changed and closes FILESYSTEM, which is no more whatever comes back. */
gboolean lodge_ext2_close (ext2_filsys filesystem, GError **error);

/* The text of the file PATH (at most LIMIT bytes; free with g_free).  NULL with ERROR unset when
 * there is no such file. */
char *lodge_ext2_read (ext2_filsys filesystem, const char *path, gsize limit, GError **error);

/* "ACTION: what libext2fs says of CODE" in ERROR; returns FALSE. */
gboolean lodge_ext2_error (GError **error, errcode_t code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
