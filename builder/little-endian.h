/* Numbers in the headers of disks and files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The number in the LENGTH bytes (8 at most) at BYTES, which need not be aligned; the first byte is
 * the lowest. */
static inline guint64
lodge_little_endian (const guint8 *bytes, guint length)
{
  guint64 number = 0;

  while (length-- > 0)
    number = number << 8 | bytes[length];
  return number;
}
