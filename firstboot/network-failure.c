/* Why the bridge did not come up, as one sentence.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-failure.h"
#include "firstboot/i18n.h"

/* NetworkManager's own word for REASON: "ip-config-unavailable". */
static const char *
reason_name (NMDeviceStateReason reason)
{
  g_autoptr (GTypeClass) reasons = g_type_class_ref (NM_TYPE_DEVICE_STATE_REASON);
  const GEnumValue *value = g_enum_get_value ((GEnumClass *)reasons, (gint)reason);

  return value != NULL ? value->value_nick : "unknown";
}

/* The static addresses of ANSWERS: "192.0.2.10/24 or 2001:db8::10/64"; empty when there is none. */
static char *
static_addresses (const LodgeAnswers *answers)
{
  const char *first = answers->ipv4 == LODGE_IPV4_STATIC ? answers->address : "";
  const char *second = answers->ipv6 == LODGE_IPV6_STATIC ? answers->address6 : "";

  return g_strconcat (first, *first != '\0' && *second != '\0' ? " or " : "", second, NULL);
}

/* For a failure to get addresses; NULL when the answers ask for none. */
static char *
explain_addressing (const LodgeNetworkFailure *failure, const LodgeAnswers *answers)
{
  g_autofree char *addresses = static_addresses (answers);
  const char *what = NULL;

  /* NetworkManager gives up a static address at once when it finds it in use, and waits for all
   * others: what it gave up is a static one, what time ran out for is not. */
  if (*addresses != '\0' && failure->reason != NM_DEVICE_STATE_REASON_NONE)
    return g_strdup_printf (
        N_ ("the address %s could not be used on %s through %s; another machine on "
            "this network probably has it"),
        addresses, answers->bridge, failure->port);
  if (answers->ipv4 == LODGE_IPV4_DHCP && !failure->has_ipv4)
    what = N_ ("DHCP answer");
  else if (answers->ipv6 == LODGE_IPV6_DHCP)
    what = N_ ("DHCPv6 answer");
  else if (answers->ipv6 == LODGE_IPV6_AUTO)
    what = N_ ("IPv6 router advertisement");
  if (what == NULL)
    return NULL;
  return g_strdup_printf (
      N_ ("no %s within %u s on %s through %s; check the network and its %s, or "
          "give a static address"),
      what, failure->seconds, answers->bridge, failure->port,
      g_str_has_prefix (what, "DHCP") ? N_ ("DHCP server") : N_ ("IPv6 router"));
}

char *
lodge_network_failure_explain (const LodgeNetworkFailure *failure, const LodgeAnswers *answers)
{
  gboolean addressing = failure->reached == NM_DEVICE_STATE_IP_CONFIG
                        || failure->reached == NM_DEVICE_STATE_IP_CHECK
                        || failure->reason == NM_DEVICE_STATE_REASON_IP_CONFIG_UNAVAILABLE
                        || failure->reason == NM_DEVICE_STATE_REASON_IP_ADDRESS_DUPLICATE;
  char *sentence = NULL;

  if (!failure->carrier)
    return g_strdup_printf (
        N_ ("no carrier on %s; check its cable and the switch, or name another port"),
        failure->port);
  if (addressing)
    sentence = explain_addressing (failure, answers);
  if (sentence != NULL)
    return sentence;
  if (failure->reason == NM_DEVICE_STATE_REASON_NONE)
    return g_strdup_printf (N_ ("%s did not come up on %s within %u s; see \"journalctl -u "
                                "NetworkManager\""),
                            answers->bridge, failure->port, failure->seconds);
  return g_strdup_printf (
      N_ ("NetworkManager could not bring up %s on %s (%s); see \"journalctl -u "
          "NetworkManager\""),
      answers->bridge, failure->port, reason_name (failure->reason));
}
