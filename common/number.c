/* Whole numbers as text.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/number.h"

gboolean
lodge_number_parse (const char *text, guint64 minimum, guint64 maximum, guint64 *number)
{
  guint64 value = 0;
  const char *digit;

  for (digit = text; g_ascii_isdigit (*digit); digit++)
    if (!g_uint64_checked_mul (&value, value, 10)
        || !g_uint64_checked_add (&value, value, (guint64)g_ascii_digit_value (*digit)))
      return FALSE;
  if (digit == text || *digit != '\0' || value < minimum || value > maximum)
    return FALSE;
  *number = value;
  return TRUE;
}
