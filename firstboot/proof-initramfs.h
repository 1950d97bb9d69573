/* The proof guest's initramfs: one program and a console.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Writes a "newc" cpio archive (kernel: Documentation/driver-api/early-userspace/buffer-format) to
 * PATH, mode 0644, with INIT (LENGTH bytes of a static program) as /init and the node /dev/console.
 * The same input gives the same bytes. */
gboolean lodge_proof_initramfs_write (const char *path, const char *init, gsize length,
                                      GError **error);
