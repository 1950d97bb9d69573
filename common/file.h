/* Writing files so that a power cut leaves the old or the new one, never a half.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Writes LENGTH bytes of DATA (LENGTH -1: up to the NUL) beside PATH, fsyncs, renames over PATH and
 * fsyncs the directory.  The file gets exactly MODE (on FAT: what the mount gives).  Missing parent
 * directories are made (0755).  A symbolic link at PATH is replaced, not followed.  On failure
 * PATH is as it was and nothing is left beside it. */
gboolean lodge_file_replace (const char *path, const char *data, gssize length, int mode,
                             GError **error);

/* Makes the directory PATH with exactly MODE, whatever the caller's umask; one that exists already
 * is an error. */
gboolean lodge_file_make_directory (const char *path, int mode, GError **error);

/* fsyncs the directory that holds PATH, so that a rename or unlink in it survives a power cut. */
gboolean lodge_file_sync_directory (const char *path, GError **error);

/* The file's text, at most LIMIT bytes; NULL with ERROR set when it cannot be read or is longer. */
char *lodge_file_read (const char *path, gsize limit, gsize *length, GError **error);

/* The lower-case hexadecimal SHA-256 of the file's content, or NULL with ERROR set. */
char *lodge_file_sha256 (const char *path, GError **error);
