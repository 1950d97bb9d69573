/* Sizes as people write them: "8G", "512M", "4096".
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Parses a whole number with an optional suffix K, M, G or T (powers of 1024; "KiB" and the like
 * are accepted) into bytes.  Refuses zero, signs, fractions, unknown suffixes and overflow with
 * LODGE_ERROR_USAGE, naming the text and an example. */
gboolean lodge_size_parse (const char *text, guint64 *bytes, GError **error);

/* "7.9 GiB", "123 GiB", "512 bytes": one decimal place below 100, whatever the locale; free with
 * g_free. */
char *lodge_size_format (guint64 bytes);
