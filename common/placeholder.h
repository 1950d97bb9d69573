/* Serial numbers that are none.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Whether TEXT, a serial number or another name that a board or disk tells of itself, is what they
 * say when nobody filled the field in: many machines and USB enclosures carry the same. */
gboolean lodge_is_placeholder (const char *text);
