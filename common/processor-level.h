/* The level of x86-64 that a processor has.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The x86-64 level (1 to 4) that FLAGS, a set of char *, fulfil, 0 without "lm": the psABI's table,
 * section 3.1.1 "Processor Architecture", in the names of /proc/cpuinfo. */
guint lodge_processor_level (GHashTable *flags);
