/* What a processor lacks for a level of x86-64.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/processor-missing.h"

typedef struct
{
  unsigned level;
  unsigned where;
  unsigned bits;
  const char *name;
} Feature;

static const Feature features[] = {
  { 2, LODGE_PROCESSOR_LEAF_1_ECX, 1U << 13, "CMPXCHG16B" },
  { 2, LODGE_PROCESSOR_EXTENDED_1_ECX, 1U << 0, "LAHF-SAHF" },
  { 2, LODGE_PROCESSOR_LEAF_1_ECX, 1U << 23, "POPCNT" },
  { 2, LODGE_PROCESSOR_LEAF_1_ECX, 1U << 0, "SSE3" },
  { 2, LODGE_PROCESSOR_LEAF_1_ECX, 1U << 19, "SSE4.1" },
  { 2, LODGE_PROCESSOR_LEAF_1_ECX, 1U << 20, "SSE4.2" },
  { 2, LODGE_PROCESSOR_LEAF_1_ECX, 1U << 9, "SSSE3" },
  { 3, LODGE_PROCESSOR_LEAF_1_ECX, 1U << 28, "AVX" },
  { 3, LODGE_PROCESSOR_LEAF_7_EBX, 1U << 5, "AVX2" },
  { 3, LODGE_PROCESSOR_LEAF_7_EBX, 1U << 3, "BMI1" },
  { 3, LODGE_PROCESSOR_LEAF_7_EBX, 1U << 8, "BMI2" },
  { 3, LODGE_PROCESSOR_LEAF_1_ECX, 1U << 29, "F16C" },
  { 3, LODGE_PROCESSOR_LEAF_1_ECX, 1U << 12, "FMA" },
  { 3, LODGE_PROCESSOR_EXTENDED_1_ECX, 1U << 5, "LZCNT" },
  { 3, LODGE_PROCESSOR_LEAF_1_ECX, 1U << 22, "MOVBE" },
  { 3, LODGE_PROCESSOR_LEAF_1_ECX, 1U << 27, "OSXSAVE" },
  { 3, LODGE_PROCESSOR_XCR0, 6, "YMM-state" },
  { 4, LODGE_PROCESSOR_LEAF_7_EBX, 1U << 16, "AVX512F" },
  { 4, LODGE_PROCESSOR_LEAF_7_EBX, 1U << 30, "AVX512BW" },
  { 4, LODGE_PROCESSOR_LEAF_7_EBX, 1U << 28, "AVX512CD" },
  { 4, LODGE_PROCESSOR_LEAF_7_EBX, 1U << 17, "AVX512DQ" },
  { 4, LODGE_PROCESSOR_LEAF_7_EBX, 1U << 31, "AVX512VL" },
  { 4, LODGE_PROCESSOR_XCR0, 0xe0, "ZMM-state" },
};

_Static_assert(sizeof features / sizeof *features <= LODGE_PROCESSOR_MISSING_LIMIT,
               "as many names as there are features");

unsigned
lodge_processor_missing (const unsigned registers[LODGE_PROCESSOR_REGISTERS], unsigned level,
                         const char *names[LODGE_PROCESSOR_MISSING_LIMIT])
{
  unsigned count = 0;

  for (unsigned i = 0; i < sizeof features / sizeof *features; i++)
    if (features[i].level <= level
        && (registers[features[i].where] & features[i].bits) != features[i].bits)
      names[count++] = features[i].name;
  return count;
}
