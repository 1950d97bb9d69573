/* Reading what a program in the sandbox has made.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* Whether PATH is a file.  A link is none: the program may have put one there that leads to a file
 * of the machine, which must not come into an image. */
gboolean lodge_result_check (const char *path, GError **error);

/* Copies FROM, as above, to TO, which is replaced and gets exactly MODE. */
gboolean lodge_result_copy (const char *from, const char *to, int mode, GCancellable *cancellable,
                            GError **error);
