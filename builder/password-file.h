/* A root password's hash that stands in a file, as arguments can be read by every user.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* The hash, the only line of PATH ("-": standard input), checked; NULL with ERROR set, which never
 * repeats what was read.  Free with g_free. */
char *lodge_password_file_read (const char *path, GCancellable *cancellable, GError **error);
