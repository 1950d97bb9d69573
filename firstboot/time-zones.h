/* The time zones that an image has.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/ui.h"

/* The zone that ROOT's /etc/localtime links to, "UTC" when it is not set; free with g_free. */
char *lodge_time_zone_current (const char *root);

/* Whether ROOT has ZONE; TRUE too when it has no zones at all, as a captured machine. */
gboolean lodge_time_zone_exists (const char *root, const char *zone);

/* A form to choose one: field "zones", buttons "back" and "next". */
LodgeForm *lodge_time_zones_form (const char *root, const char *zone);
