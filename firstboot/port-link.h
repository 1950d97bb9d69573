/* Network links through the kernel's own interfaces: the permanent address, bringing up, waiting.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/probe.h"

/* The address that the port was made with, lower case (ETHTOOL_GPERMADDR, the kernel's
 * include/uapi/linux/ethtool.h); NULL when its driver does not tell. */
char *lodge_link_permanent_mac (const char *name);

/* Brings up each port of NAMES (of char *) that is down, and waits until all have a carrier or
 * MILLISECONDS have passed.  A port that may not or cannot be brought up is left as it is: it has
 * no carrier then, which is what the caller reads next. */
void lodge_links_settle (const GPtrArray *names, guint milliseconds);
