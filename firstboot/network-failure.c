/* Why the bridge did not come up, as one sentence.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-failure.h"

/* NetworkManager's own word for REASON: "ip-config-unavailable". */
static const char *
reason_name (NMDeviceStateReason reason)
{
  g_autoptr (GTypeClass) reasons = g_type_class_ref (NM_TYPE_DEVICE_STATE_REASON);
  const GEnumValue *value = g_enum_get_value ((GEnumClass *)reasons, (gint)reason);

  return value != NULL ? value->value_nick : "unknown";
}

char *
lodge_network_failure_explain (const LodgeNetworkFailure *failure, const LodgeAnswers *answers)
{
  gboolean addressing = failure->reached == NM_DEVICE_STATE_IP_CONFIG
                        || failure->reached == NM_DEVICE_STATE_IP_CHECK
                        || failure->reason == NM_DEVICE_STATE_REASON_IP_CONFIG_UNAVAILABLE;

  if (!failure->carrier)
    return g_strdup_printf (
        "no carrier on %s; check its cable and the switch, or name another port", failure->port);
  if (failure->reason == NM_DEVICE_STATE_REASON_IP_ADDRESS_DUPLICATE)
    return g_strdup_printf (
        "the address %s is already in use on the network of %s; name another",
        answers->ipv4 == LODGE_IPV4_STATIC ? answers->address : answers->address6, failure->port);
  if (addressing && answers->ipv4 == LODGE_IPV4_DHCP)
    return g_strdup_printf (
        "no DHCP answer within %u s on %s through %s; check the network and its "
        "DHCP server, or give a static address",
        failure->seconds, answers->bridge, failure->port);
  if (addressing && answers->ipv6 == LODGE_IPV6_DHCP)
    return g_strdup_printf ("no DHCPv6 answer within %u s on %s through %s; check the network and "
                            "its DHCP server, or give a static address",
                            failure->seconds, answers->bridge, failure->port);
  if (addressing && answers->ipv4 == LODGE_IPV4_STATIC)
    return g_strdup_printf (
        "the address %s could not be used on %s within %u s; another machine on "
        "this network probably has it",
        answers->address, answers->bridge, failure->seconds);
  if (addressing && answers->ipv6 == LODGE_IPV6_AUTO)
    return g_strdup_printf ("no IPv6 router advertisement within %u s on %s through %s; check the "
                            "network and its router, or give a static address",
                            failure->seconds, answers->bridge, failure->port);
  if (failure->reason == NM_DEVICE_STATE_REASON_NONE)
    return g_strdup_printf ("%s did not come up on %s within %u s; see \"journalctl -u "
                            "NetworkManager\"",
                            answers->bridge, failure->port, failure->seconds);
  return g_strdup_printf ("NetworkManager could not bring up %s on %s (%s); see \"journalctl -u "
                          "NetworkManager\"",
                          answers->bridge, failure->port, reason_name (failure->reason));
}
