/* qemu-img convert, with its progress.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include "builder/progress.h"

/* Converts the raw disk image RAW into the new file PATH in qemu-img's FORMAT with OPTIONS, as its
 * option -o takes them.  PROGRESS (may be NULL) gets the bytes.  Not fsynced.  On failure, also
 * when cancelled, PATH does not exist; qemu-img ends with this process. */
gboolean lodge_qemu_convert (const char *raw, const char *path, const char *format,
                             const char *options, LodgeProgress *progress,
                             GCancellable *cancellable, GError **error);
