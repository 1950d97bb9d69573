/* SHA-256 of large, sparse files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lodge_file_sha256() goes through GLib at a third of a gigabyte a second, which for an image of
 * several gigabytes is a good part of a rebuild; OpenSSL uses the processor's own instructions, and
 * holes are not read at all.
 */
#pragma once

#include <gio/gio.h>

/* The lower-case hexadecimal SHA-256 of the file's content, holes read as zeros; NULL with ERROR
 * set on failure.  DONE (or NULL) is called every few megabytes with the bytes seen so far and in
 * all. */
char *lodge_hash_file (const char *path, void (*done) (guint64 bytes, guint64 total, gpointer data),
                       gpointer data, GCancellable *cancellable, GError **error);
