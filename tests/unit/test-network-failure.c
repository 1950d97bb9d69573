/* Why the bridge did not come up: each cause in its own words.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-failure.h"

#include <string.h>

typedef struct
{
  const char *name;
  LodgeIpv4Method ipv4;
  LodgeIpv6Method ipv6;
  gboolean carrier;
  NMDeviceState reached;
  NMDeviceStateReason reason;
  const char *begin; /* of the sentence */
} Case;

static const Case cases[] = {
  { "carrier", LODGE_IPV4_DHCP, LODGE_IPV6_AUTO, FALSE, NM_DEVICE_STATE_IP_CONFIG,
    NM_DEVICE_STATE_REASON_NONE, "no carrier on eth0 (52:54:00:12:34:56);" },
  { "dhcp-timeout", LODGE_IPV4_DHCP, LODGE_IPV6_AUTO, TRUE, NM_DEVICE_STATE_IP_CONFIG,
    NM_DEVICE_STATE_REASON_NONE, "no DHCP answer within 45 s on br0 through eth0" },
  { "dhcp-failed", LODGE_IPV4_DHCP, LODGE_IPV6_AUTO, TRUE, NM_DEVICE_STATE_IP_CONFIG,
    NM_DEVICE_STATE_REASON_IP_CONFIG_UNAVAILABLE, "no DHCP answer within 45 s" },
  { "duplicate", LODGE_IPV4_STATIC, LODGE_IPV6_AUTO, TRUE, NM_DEVICE_STATE_IP_CONFIG,
    NM_DEVICE_STATE_REASON_IP_ADDRESS_DUPLICATE, "the address 192.0.2.10/24 is already in use" },
  { "static", LODGE_IPV4_STATIC, LODGE_IPV6_OFF, TRUE, NM_DEVICE_STATE_IP_CONFIG,
    NM_DEVICE_STATE_REASON_IP_CONFIG_UNAVAILABLE, "the address 192.0.2.10/24 could not be used" },
  { "dhcp6", LODGE_IPV4_OFF, LODGE_IPV6_DHCP, TRUE, NM_DEVICE_STATE_IP_CONFIG,
    NM_DEVICE_STATE_REASON_IP_CONFIG_UNAVAILABLE, "no DHCPv6 answer within 45 s" },
  { "no-router", LODGE_IPV4_OFF, LODGE_IPV6_AUTO, TRUE, NM_DEVICE_STATE_IP_CONFIG,
    NM_DEVICE_STATE_REASON_NONE, "no IPv6 router advertisement within 45 s" },
  { "other", LODGE_IPV4_DHCP, LODGE_IPV6_AUTO, TRUE, NM_DEVICE_STATE_PREPARE,
    NM_DEVICE_STATE_REASON_CONFIG_FAILED,
    "NetworkManager could not bring up br0 on eth0 (52:54:00:12:34:56) (config-failed)" },
  { "slow", LODGE_IPV4_DHCP, LODGE_IPV6_AUTO, TRUE, NM_DEVICE_STATE_PREPARE,
    NM_DEVICE_STATE_REASON_NONE, "br0 did not come up on eth0 (52:54:00:12:34:56) within 45 s" },
};

static void
test_sentence (gconstpointer data)
{
  const Case *test = data;
  g_autoptr (LodgeAnswers) answers = lodge_answers_new ();
  LodgeNetworkFailure failure = { .port = (char *)"eth0 (52:54:00:12:34:56)",
                                  .carrier = test->carrier,
                                  .reached = test->reached,
                                  .reason = test->reason,
                                  .seconds = 45 };
  g_autofree char *sentence = NULL;

  answers->ipv4 = test->ipv4;
  answers->ipv6 = test->ipv6;
  if (test->ipv4 == LODGE_IPV4_STATIC)
    answers->address = g_strdup ("192.0.2.10/24");
  sentence = lodge_network_failure_explain (&failure, answers);
  g_test_message ("%s", sentence);
  g_assert_cmpmem (sentence, MIN (strlen (sentence), strlen (test->begin)), test->begin,
                   strlen (test->begin));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/network-failure/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_sentence);
    }
  return g_test_run ();
}
