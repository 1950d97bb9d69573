/* Names of boot loader entries.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Whether the file NAME, as kernel-install(8) names entries ("MACHINE-ID-VERSION.conf"), is the
 * entry of the kernel VERSION.  "…-1-2.conf" is none of kernel 2. */
gboolean lodge_bls_is_entry_of (const char *name, const char *version);
