/* What a processor lacks for a level of x86-64.  No library: it is part of lodge-processor-init.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

enum
{
  LODGE_PROCESSOR_LEAF_1_ECX,
  LODGE_PROCESSOR_LEAF_7_EBX,
  LODGE_PROCESSOR_EXTENDED_1_ECX,
  LODGE_PROCESSOR_XCR0, /* what the kernel saves of the wide registers; all bits when not asked */
  LODGE_PROCESSOR_REGISTERS,
  LODGE_PROCESSOR_MISSING_LIMIT = 24, /* names that there can be */
};

/* Fills NAMES with what of LEVEL (1 to 4) is not in REGISTERS, as the CPUID and XGETBV instructions
 * gave them; returns how many there are.  The psABI's table, section 3.1.1 "Processor
 * Architecture", as common/processor-level.h has it for /proc/cpuinfo. */
unsigned lodge_processor_missing (const unsigned registers[LODGE_PROCESSOR_REGISTERS],
                                  unsigned level, const char *names[LODGE_PROCESSOR_MISSING_LIMIT]);
