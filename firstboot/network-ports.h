/* The Ethernet ports that the bridge stands on: known to NetworkManager, and plugged in?
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/network-session.h"

typedef struct
{
  LodgeNetworkSession *session;
  const char *const *macs; /* permanent addresses; NULL-terminated */
} LodgeNetworkPorts;

/* Waits until NetworkManager manages all of PORTS and one of them has a carrier (enough for a bond;
 * without one there is only one), 15 s for each. */
gboolean lodge_network_ports_wait (const LodgeNetworkPorts *ports, GCancellable *cancellable,
                                   GError **error);

gboolean lodge_network_ports_have_carrier (const LodgeNetworkPorts *ports);

/* "enp1s0 (52:54:00:12:34:56), enp2s0 (...)"; free with g_free. */
char *lodge_network_ports_describe (const LodgeNetworkPorts *ports);
