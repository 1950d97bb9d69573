/* Profiles that Lodge made for answers of before and that the new ones have no use for: a VLAN that
 * is given up, say.  Left behind they would start at the next boot.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/network-session.h"

/* Those that NetworkManager has and that are not among PROFILES, as NMRemoteConnection. */
GPtrArray *lodge_network_stale_find (LodgeNetworkSession *session, const GPtrArray *profiles);

/* Takes them out of effect; NetworkManager does not start them again by itself. */
gboolean lodge_network_stale_stop (LodgeNetworkSession *session, const GPtrArray *stale,
                                   GError **error);

/* Deletes them for good. */
gboolean lodge_network_stale_delete (LodgeNetworkSession *session, const GPtrArray *stale,
                                     GError **error);
