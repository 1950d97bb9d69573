/* The level of x86-64 that a processor has.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/processor-level.h"

static const char *const level_2[]
    = { "cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3", NULL };
static const char *const level_3[]
    = { "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave", NULL };
static const char *const level_4[]
    = { "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", NULL };

static gboolean
has_all (GHashTable *flags, const char *const *wanted)
{
  for (; *wanted != NULL; wanted++)
    if (!g_hash_table_contains (flags, *wanted))
      return FALSE;
  return TRUE;
}

guint
lodge_processor_level (GHashTable *flags)
{
  if (!g_hash_table_contains (flags, "lm"))
    return 0;
  if (!has_all (flags, level_2))
    return 1;
  if (!has_all (flags, level_3))
    return 2;
  return has_all (flags, level_4) ? 4 : 3;
}
