/* Is there room?  Asked before the work, so that nobody waits for minutes to be told there is none.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Bytes that an ordinary process may still write to the file system that holds PATH, or would hold
 * it when PATH does not exist yet. */
gboolean lodge_space_available (const char *path, guint64 *bytes, GError **error);

/* Refuses with LODGE_ERROR_FAILED when fewer than NEEDED bytes are free where PATH is: "no space
 * for the package cache in DIRECTORY: 812 MiB more are needed (300 MiB are free, 1.1 GiB are
 * needed); …". PURPOSE is what the space is for ("the package cache"). */
gboolean lodge_space_check (const char *path, guint64 needed, const char *purpose, GError **error);
