/* Whether this machine's processor runs a release's programs: scriptlets of its packages run here.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/template.h"

/* Refuses when the x86-64 level that CPUINFO (the text of /proc/cpuinfo) shows is below TEMPLATE's
 * ProcessorLevel=. */
gboolean lodge_processor_check_text (const LodgeTemplate *template, const char *cpuinfo,
                                     GError **error);
/* The same of this machine. */
gboolean lodge_processor_check (const LodgeTemplate *template, GError **error);
