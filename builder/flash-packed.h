/* How long a compressed image is once it is unpacked, by what its own file says of it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Bytes that IMAGE, packed as lodge_flash_compression() says, has unpacked; 0 when that is not
 * known: gzip and bzip2 do not tell, nor does a zstd stream whose length nobody knew when it began,
 * nor a file that was cut off. */
guint64 lodge_flash_packed_length (const char *image, const char *compression);
