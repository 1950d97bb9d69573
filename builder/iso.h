/* Reading an ISO image without mounting it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* Copies what ISO has of repository metadata (files in directories "repodata") and signing keys
 * (RPM-GPG-KEY*) below DIRECTORY, into a directory of their own for this very image, whose path is
 * returned (free with g_free); the next call finds it there. */
char *lodge_iso_metadata (const char *iso, const char *directory, GCancellable *cancellable,
                          GError **error);

/* Copies the files of TARGETS, a table from their path in ISO to the path they get (both char*).
 * One that ISO does not have is an error that names it. */
gboolean lodge_iso_copy (const char *iso, GHashTable *targets, GCancellable *cancellable,
                         GError **error);
