/* Copying a part of a sparse file into a part of another one.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* Copies LENGTH bytes at SOURCE_OFFSET of the open file SOURCE to TARGET_OFFSET of TARGET, holes
 * left out: what TARGET has there must be a hole or zeros.  Shares the blocks where the file system
 * can.  A SOURCE that ends before is refused.  The names are for messages. */
gboolean lodge_sparse_copy (int source, const char *source_name, guint64 source_offset, int target,
                            const char *target_name, guint64 target_offset, guint64 length,
                            GCancellable *cancellable, GError **error);
