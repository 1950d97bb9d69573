/* NetworkManager profiles for the host's bridge and what lies under it, made from the answers.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure: asks nothing of NetworkManager.  Property names and values: nm-settings-nmcli(5).
 */
#pragma once

#include <NetworkManager.h>
#include "common/answers.h"

/* What each profile is for; its UUID is derived from it, so that a later run finds its own. */
typedef enum
{
  LODGE_PROFILE_BRIDGE,
  LODGE_PROFILE_VLAN,
  LODGE_PROFILE_BOND,
  LODGE_PROFILE_PORT,
} LodgeProfileRole;

/* The profiles (of NMConnection, normalized, in the order of activation): the bridge; with bond=
 * the bond; one for each of PORT_MACS (permanent addresses; NULL-terminated, at least one, more
 * than one needs bond=); with vlan= the VLAN on top of these, which then is the bridge's port in
 * their place. The first port's address becomes that of bond and bridge, so that a DHCP server
 * leases what it leased before.  Answers that NetworkManager cannot express are LODGE_ERROR_USAGE.
 */
GPtrArray *lodge_network_profiles_make (const LodgeAnswers *answers, const char *const *port_macs,
                                        GError **error);

/* The UUID of the profile for ROLE, the INDEXth of that role (0 but for ports); free with g_free.
 */
char *lodge_network_profile_uuid (LodgeProfileRole role, guint index);

/* Whether UUID is one of these, of whatever role. */
gboolean lodge_network_profile_is_ours (const char *uuid);
