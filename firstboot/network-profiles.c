/* NetworkManager profiles for the host's bridge and what lies under it, made from the answers.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-profiles.h"

#include <sys/socket.h>
#include <string.h>
#include <nm-autoptr.h>
#include "common/error.h"
#include "common/number.h"
#include "common/uuid.h"
#include "firstboot/i18n.h"

/* Above the 0 of a profile that somebody made with nmcli and the -999 of NetworkManager's own
 * "Wired connection 1": whatever else fits the port, ours is the one that starts at boot. */
#define AUTOCONNECT_PRIORITY 100

/* NetworkManager never gives a DHCP server up (nm-settings-nmcli(5), ipv4.dhcp-timeout): a profile
 * that fails takes the bridge away, and the running guests' cards are not put back into the next
 * one. How long setup itself waits is the step's to say. */
#define DHCP_FOR_EVER G_MAXINT32

/* Milliseconds of probing for another owner of a static address (RFC 5227) before it is used. */
#define DUPLICATE_PROBE_MILLISECONDS 3000

/* More than any bond has. */
#define MOST_PORTS 16

static const char *const role_names[] = {
  [LODGE_PROFILE_BRIDGE] = "bridge",
  [LODGE_PROFILE_VLAN] = "vlan",
  [LODGE_PROFILE_BOND] = "bond",
  [LODGE_PROFILE_PORT] = "port",
};

char *
lodge_network_profile_uuid (LodgeProfileRole role, guint index)
{
  /* UUIDv5 (RFC 9562, 5.5) in a name space of our own, a random UUID. */
  static const guint8 name_space[LODGE_UUID_BYTES]
      = { 0x5b, 0x0c, 0x2f, 0x5e, 0x07, 0x4d, 0x4b, 0x7a,
          0x9d, 0x61, 0x3e, 0x5f, 0x0a, 0x8c, 0x1b, 0x42 };
  g_autofree char *name = g_strdup_printf ("network/%s/%u", role_names[role], index);

  return lodge_uuid_from_name (name_space, name);
}

gboolean
lodge_network_profile_is_ours (const char *uuid)
{
  for (LodgeProfileRole role = LODGE_PROFILE_BRIDGE; role <= LODGE_PROFILE_PORT; role++)
    for (guint i = 0; i < (role == LODGE_PROFILE_PORT ? MOST_PORTS : 1); i++)
      {
        g_autofree char *one = lodge_network_profile_uuid (role, i);

        if (g_strcmp0 (one, uuid) == 0)
          return TRUE;
      }
  return FALSE;
}

/* A profile of TYPE with its [connection] settings.  CONTROLLER (a UUID) and CONTROLLER_TYPE are
 * NULL for a device that belongs to no other. */
static NMConnection *
profile_new (LodgeProfileRole role, guint index, const char *type, const char *interface,
             const char *controller, const char *controller_type)
{
  NMConnection *profile = nm_simple_connection_new ();
  g_autofree char *uuid = lodge_network_profile_uuid (role, index);
  g_autofree char *id = role == LODGE_PROFILE_PORT ? g_strdup_printf ("lodge-port-%u", index + 1)
                                                   : g_strdup_printf ("lodge-%s", role_names[role]);

  nm_connection_add_setting (
      profile,
      g_object_new (NM_TYPE_SETTING_CONNECTION, NM_SETTING_CONNECTION_ID, id,
                    NM_SETTING_CONNECTION_UUID, uuid, NM_SETTING_CONNECTION_TYPE, type,
                    NM_SETTING_CONNECTION_INTERFACE_NAME, interface, NM_SETTING_CONNECTION_MASTER,
                    controller, NM_SETTING_CONNECTION_SLAVE_TYPE, controller_type,
                    NM_SETTING_CONNECTION_AUTOCONNECT, TRUE,
                    NM_SETTING_CONNECTION_AUTOCONNECT_PRIORITY, AUTOCONNECT_PRIORITY,
                    /* 0: for ever.  A host whose DHCP server comes up after it must get there. */
                    NM_SETTING_CONNECTION_AUTOCONNECT_RETRIES, 0, NULL));
  return profile;
}

/* Ethernet settings: pinned to the port PINNED, or wearing the address CLONED; either may be NULL.
 */
static void
add_ethernet (NMConnection *profile, const char *pinned, const char *cloned, guint mtu)
{
  nm_connection_add_setting (profile,
                             g_object_new (NM_TYPE_SETTING_WIRED, NM_SETTING_WIRED_MAC_ADDRESS,
                                           pinned, NM_SETTING_WIRED_CLONED_MAC_ADDRESS, cloned,
                                           NM_SETTING_WIRED_MTU, mtu, NULL));
}

/* Addresses are for the bridge alone: a VLAN's port or bond must get none of its own. */
static void
add_no_addresses (NMConnection *profile)
{
  nm_connection_add_setting (profile,
                             g_object_new (NM_TYPE_SETTING_IP4_CONFIG, NM_SETTING_IP_CONFIG_METHOD,
                                           NM_SETTING_IP4_CONFIG_METHOD_DISABLED, NULL));
  nm_connection_add_setting (profile,
                             g_object_new (NM_TYPE_SETTING_IP6_CONFIG, NM_SETTING_IP_CONFIG_METHOD,
                                           NM_SETTING_IP6_CONFIG_METHOD_DISABLED, NULL));
}

/* Adds "192.0.2.10/24" to SETTING. */
static gboolean
add_address (NMSettingIPConfig *setting, int family, const char *text, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", "/", 2);
  guint64 prefix;
  NMIPAddress *address;

  if (g_strv_length (parts) != 2
      || !lodge_number_parse (parts[1], 1, family == AF_INET ? 32 : 128, &prefix))
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            N_ ("network.%s: \"%s\" is not an address with a prefix, as in %s"),
                            family == AF_INET ? "address" : "address6", text != NULL ? text : "",
                            family == AF_INET ? "192.0.2.10/24" : "2001:db8::10/64");
  address = nm_ip_address_new (family, parts[0], (guint)prefix, error);
  if (address == NULL)
    {
      g_prefix_error (error, "network.%s: ", family == AF_INET ? "address" : "address6");
      return FALSE;
    }
  nm_setting_ip_config_add_address (setting, address);
  nm_ip_address_unref (address);
  return TRUE;
}

static gboolean
add_ipv4 (NMConnection *profile, const LodgeAnswers *answers, GError **error)
{
  static const char *const methods[] = {
    [LODGE_IPV4_DHCP] = NM_SETTING_IP4_CONFIG_METHOD_AUTO,
    [LODGE_IPV4_STATIC] = NM_SETTING_IP4_CONFIG_METHOD_MANUAL,
    [LODGE_IPV4_OFF] = NM_SETTING_IP4_CONFIG_METHOD_DISABLED,
  };
  NMSetting *setting = g_object_new (
      NM_TYPE_SETTING_IP4_CONFIG, NM_SETTING_IP_CONFIG_METHOD, methods[answers->ipv4],
      /* Not "activated" before IPv4 is there, whatever IPv6 has got by then. */
      NM_SETTING_IP_CONFIG_MAY_FAIL, answers->ipv4 == LODGE_IPV4_OFF, NULL);

  nm_connection_add_setting (profile, setting); /* takes it */
  if (answers->ipv4 == LODGE_IPV4_DHCP)
    g_object_set (setting, NM_SETTING_IP_CONFIG_DHCP_TIMEOUT, DHCP_FOR_EVER,
                  /* A lease follows the address of the port, not that of a profile or machine. */
                  NM_SETTING_IP4_CONFIG_DHCP_CLIENT_ID, "mac", NULL);
  if (answers->ipv4 != LODGE_IPV4_STATIC)
    return TRUE;
  g_object_set (setting, NM_SETTING_IP_CONFIG_DAD_TIMEOUT, DUPLICATE_PROBE_MILLISECONDS, NULL);
  if (!add_address (NM_SETTING_IP_CONFIG (setting), AF_INET, answers->address, error))
    return FALSE;
  g_object_set (setting, NM_SETTING_IP_CONFIG_GATEWAY, answers->gateway, NULL);
  return TRUE;
}

static gboolean
add_ipv6 (NMConnection *profile, const LodgeAnswers *answers, GError **error)
{
  static const char *const methods[] = {
    [LODGE_IPV6_AUTO] = NM_SETTING_IP6_CONFIG_METHOD_AUTO,
    [LODGE_IPV6_DHCP] = NM_SETTING_IP6_CONFIG_METHOD_DHCP,
    [LODGE_IPV6_STATIC] = NM_SETTING_IP6_CONFIG_METHOD_MANUAL,
    [LODGE_IPV6_OFF] = NM_SETTING_IP6_CONFIG_METHOD_DISABLED,
  };
  /* "auto" is also the default on networks that have no IPv6 at all: there it may come to nothing,
   * unless it is the only way to reach this host. */
  gboolean may_fail = answers->ipv6 == LODGE_IPV6_OFF
                      || (answers->ipv6 == LODGE_IPV6_AUTO && answers->ipv4 != LODGE_IPV4_OFF);
  NMSetting *setting = g_object_new (
      NM_TYPE_SETTING_IP6_CONFIG, NM_SETTING_IP_CONFIG_METHOD, methods[answers->ipv6],
      NM_SETTING_IP_CONFIG_MAY_FAIL, may_fail,
      /* Derived from the port's address: the same after a new setup, so DNS can name it. */
      NM_SETTING_IP6_CONFIG_ADDR_GEN_MODE, NM_SETTING_IP6_CONFIG_ADDR_GEN_MODE_EUI64, NULL);

  nm_connection_add_setting (profile, setting); /* takes it */
  if (answers->ipv6 == LODGE_IPV6_DHCP)
    g_object_set (setting, NM_SETTING_IP_CONFIG_DHCP_TIMEOUT, DHCP_FOR_EVER, NULL);
  if (answers->ipv6 != LODGE_IPV6_STATIC)
    return TRUE;
  if (!add_address (NM_SETTING_IP_CONFIG (setting), AF_INET6, answers->address6, error))
    return FALSE;
  g_object_set (setting, NM_SETTING_IP_CONFIG_GATEWAY, answers->gateway6, NULL);
  return TRUE;
}

/* Name servers go to the setting of their family, search domains to one that is in use.  Servers
 * that were named replace what DHCP or router advertisements would add. */
static gboolean
add_dns (NMConnection *profile, const LodgeAnswers *answers, GError **error)
{
  NMSettingIPConfig *ipv4 = nm_connection_get_setting_ip4_config (profile);
  NMSettingIPConfig *ipv6 = nm_connection_get_setting_ip6_config (profile);
  gboolean use4 = answers->ipv4 != LODGE_IPV4_OFF;
  gboolean use6 = answers->ipv6 != LODGE_IPV6_OFF;
  guint count = answers->dns != NULL ? g_strv_length (answers->dns) : 0;

  for (guint i = 0; i < count; i++)
    {
      gboolean is6 = strchr (answers->dns[i], ':') != NULL;

      if (is6 ? !use6 : !use4)
        return lodge_error_set (
            error, LODGE_ERROR_USAGE,
            N_ ("network.dns: %s is an %s address, but %s=off; name a server of the "
                "other family or turn %s on"),
            answers->dns[i], is6 ? "IPv6" : "IPv4", is6 ? "ipv6" : "ipv4", is6 ? "ipv6" : "ipv4");
      nm_setting_ip_config_add_dns (is6 ? ipv6 : ipv4, answers->dns[i]);
    }
  if (count > 0 && use4)
    g_object_set (ipv4, NM_SETTING_IP_CONFIG_IGNORE_AUTO_DNS, TRUE, NULL);
  if (count > 0 && use6)
    g_object_set (ipv6, NM_SETTING_IP_CONFIG_IGNORE_AUTO_DNS, TRUE, NULL);
  for (guint i = 0; answers->search != NULL && answers->search[i] != NULL && (use4 || use6); i++)
    nm_setting_ip_config_add_dns_search (use4 ? ipv4 : ipv6, answers->search[i]);
  return TRUE;
}

static NMConnection *
make_bridge (const LodgeAnswers *answers, const char *mac, GError **error)
{
  g_autoptr (NMConnection) profile = profile_new (
      LODGE_PROFILE_BRIDGE, 0, NM_SETTING_BRIDGE_SETTING_NAME, answers->bridge, NULL, NULL);

  /* With STP a new port is mute for twice the forward delay, and a switch may shut the port down.
   */
  nm_connection_add_setting (profile,
                             g_object_new (NM_TYPE_SETTING_BRIDGE, NM_SETTING_BRIDGE_STP, FALSE,
                                           NM_SETTING_BRIDGE_FORWARD_DELAY, 0, NULL));
  add_ethernet (profile, NULL, mac, answers->mtu);
  if (!add_ipv4 (profile, answers, error) || !add_ipv6 (profile, answers, error)
      || !add_dns (profile, answers, error))
    return NULL;
  return g_steal_pointer (&profile);
}

static NMConnection *
make_vlan (const LodgeAnswers *answers)
{
  g_autofree char *name = g_strdup_printf ("vlan%u", answers->vlan);
  g_autofree char *bridge = lodge_network_profile_uuid (LODGE_PROFILE_BRIDGE, 0);
  g_autofree char *parent = lodge_network_profile_uuid (
      answers->bond != NULL ? LODGE_PROFILE_BOND : LODGE_PROFILE_PORT, 0);
  NMConnection *profile = profile_new (LODGE_PROFILE_VLAN, 0, NM_SETTING_VLAN_SETTING_NAME, name,
                                       bridge, NM_SETTING_BRIDGE_SETTING_NAME);

  nm_connection_add_setting (profile,
                             g_object_new (NM_TYPE_SETTING_VLAN, NM_SETTING_VLAN_PARENT, parent,
                                           NM_SETTING_VLAN_ID, answers->vlan, NULL));
  if (answers->mtu != 0)
    add_ethernet (profile, NULL, NULL, answers->mtu);
  return profile;
}

static NMConnection *
make_bond (const LodgeAnswers *answers, const char *mac, const char *controller, GError **error)
{
  g_autoptr (NMConnection) profile
      = profile_new (LODGE_PROFILE_BOND, 0, NM_SETTING_BOND_SETTING_NAME, "bond0", controller,
                     controller != NULL ? NM_SETTING_BRIDGE_SETTING_NAME : NULL);
  NMSetting *setting = nm_setting_bond_new ();

  nm_connection_add_setting (profile, setting); /* takes it */
  if (!nm_setting_bond_add_option (NM_SETTING_BOND (setting), NM_SETTING_BOND_OPTION_MODE,
                                   answers->bond))
    {
      lodge_error_set (
          error, LODGE_ERROR_USAGE,
          N_ ("network.bond: \"%s\" is not a bonding mode; use active-backup or 802.3ad"),
          answers->bond);
      return NULL;
    }
  nm_setting_bond_add_option (NM_SETTING_BOND (setting), NM_SETTING_BOND_OPTION_MIIMON, "100");
  add_ethernet (profile, NULL, mac, answers->mtu);
  if (controller == NULL)
    add_no_addresses (profile);
  return g_steal_pointer (&profile);
}

static NMConnection *
make_port (const LodgeAnswers *answers, guint index, const char *mac, const char *controller,
           const char *controller_type)
{
  NMConnection *profile = profile_new (LODGE_PROFILE_PORT, index, NM_SETTING_WIRED_SETTING_NAME,
                                       NULL, controller, controller_type);

  add_ethernet (profile, mac, NULL, answers->mtu);
  if (controller == NULL)
    add_no_addresses (profile);
  return profile;
}

GPtrArray *
lodge_network_profiles_make (const LodgeAnswers *answers, const char *const *port_macs,
                             GError **error)
{
  g_autoptr (GPtrArray) profiles = g_ptr_array_new_with_free_func (g_object_unref);
  /* Where the next lower device is attached: to nothing when it only carries a VLAN. */
  g_autofree char *controller = lodge_network_profile_uuid (LODGE_PROFILE_BRIDGE, 0);
  const char *controller_type = NM_SETTING_BRIDGE_SETTING_NAME;
  NMConnection *profile;

  if (port_macs[0] == NULL || (port_macs[1] != NULL && answers->bond == NULL))
    {
      lodge_error_set (
          error, LODGE_ERROR_USAGE,
          N_ ("network.port: %s; name one port, or several and a bonding mode (bond=)"),
          port_macs[0] == NULL ? "no port" : "several ports without bond=");
      return NULL;
    }

  profile = make_bridge (answers, port_macs[0], error);
  if (profile == NULL)
    return NULL;
  g_ptr_array_add (profiles, profile);

  if (answers->vlan != 0)
    {
      g_clear_pointer (&controller, g_free);
      controller_type = NULL;
    }
  if (answers->bond != NULL)
    {
      profile = make_bond (answers, port_macs[0], controller, error);
      if (profile == NULL)
        return NULL;
      g_ptr_array_add (profiles, profile);
      g_free (controller);
      controller = lodge_network_profile_uuid (LODGE_PROFILE_BOND, 0);
      controller_type = NM_SETTING_BOND_SETTING_NAME;
    }
  for (guint i = 0; port_macs[i] != NULL; i++)
    g_ptr_array_add (profiles, make_port (answers, i, port_macs[i], controller, controller_type));
  if (answers->vlan != 0)
    g_ptr_array_add (profiles, make_vlan (answers));

  for (guint i = 0; i < profiles->len; i++)
    if (!nm_connection_normalize (profiles->pdata[i], NULL, NULL, error))
      {
        g_prefix_error (error, N_ ("network: NetworkManager would not take the profile %s: "),
                        nm_connection_get_id (profiles->pdata[i]));
        return NULL;
      }
  return g_steal_pointer (&profiles);
}
