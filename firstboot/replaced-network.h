/* The definition of a libvirt network that the step "guest-networks" replaces or removes: kept on
 * this host, for what somebody had added to it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The directory, on a host. */
#define LODGE_REPLACED_NETWORKS "/var/lib/lodge/replaced-networks"

/* Writes XML, the definition of the network NAME, to a file of its own below ROOT ("" on a host),
 * which only root can read.  The same text again is the same file.  Returns its path, as on the
 * host; NULL with ERROR set.  Free with g_free. */
char *lodge_replaced_network_keep (const char *root, const char *name, const char *xml,
                                   GError **error);

/* Whether XML holds what a definition of Lodge's and of distributions' never has, and somebody
 * added by hand: reserved addresses, names, routes …  Pure. */
gboolean lodge_replaced_network_has_more (const char *xml);
