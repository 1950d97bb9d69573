/* libguestfs' handle in GLib's manners: cleaned up by itself, failures as GError.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>
#include <guestfs.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (guestfs_h, guestfs_close)

/* Sets ERROR in LODGE_ERROR_FAILED to "MESSAGE: what libguestfs says", in one line, for the call on
 * G that failed last.  Always returns FALSE. */
gboolean lodge_guestfs_error (guestfs_h *g, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
