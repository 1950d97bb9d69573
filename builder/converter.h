/* Programs that turn an image into another file.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For what lodge_run() (common/run.h) is not made: programs that are followed or fed while they
 * work.
 */
#pragma once

#include <gio/gio.h>

/* Starts ARGV (NULL-terminated, ARGV[0] looked up in PATH) with pipes as FLAGS says.  It ends when
 * the calling thread does. */
GSubprocess *lodge_converter_start (const char *const *argv, GSubprocessFlags flags,
                                    GError **error);
