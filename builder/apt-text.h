/* Packages and their order as text, to keep them in files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/apt.h"

/* One package a line; free with g_free. */
char *lodge_apt_packages_format (const GPtrArray *packages);
/* NULL when TEXT is not what the function above wrote. */
GPtrArray *lodge_apt_packages_parse (const char *text);

/* "base NAME…", then "unpack NAME…" and "configure NAME…", a line each. */
char *lodge_apt_order_format (const LodgeAptOrder *order);
LodgeAptOrder *lodge_apt_order_parse (const char *text);
