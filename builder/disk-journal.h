/* The journal of a finished ext4 file system.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The ext4 file system in the file IMAGE at byte OFFSET, which is not mounted and has nothing to be
 * replayed, gets its journal as mke2fs(8) makes it: what the kernel wrote there, and when, is no
 * part of an image.  Its blocks become holes in IMAGE where those can be. */
gboolean lodge_disk_journal_renew (const char *image, guint64 offset, GError **error);
