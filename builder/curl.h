/* Files from the network, by curl(1).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* Gets URL (http, https or file), of which a password may be a part, into PATH.  Takes SECONDS at
 * most, and no more than 1 MB: lists of mirrors, metadata's first file, signing keys.  The error
 * ends with curl's own words, "curl: (7) …". */
gboolean lodge_curl_get (const char *url, const char *path, guint seconds,
                         GCancellable *cancellable, GError **error);
