/* The way back of network-profiles.c: from profiles to answers.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-present.h"

#include <nm-keyfile.h>
#include <string.h>
#include <sys/socket.h>
#include "common/answers-table.h"
#include "common/error.h"
#include "firstboot/host-files.h"
#include "firstboot/i18n.h"

#define DIRECTORY "/etc/NetworkManager/system-connections"

static NMConnection *
find (const GPtrArray *profiles, LodgeProfileRole role, guint index)
{
  g_autofree char *uuid = lodge_network_profile_uuid (role, index);

  for (guint i = 0; i < profiles->len; i++)
    if (g_strcmp0 (nm_connection_get_uuid (profiles->pdata[i]), uuid) == 0)
      return profiles->pdata[i];
  return NULL;
}

/* --- reading files --- */

/* Others' profiles may be of kinds that libnm alone cannot read. */
static gboolean
load_file (const char *path, const char *directory, GPtrArray *profiles, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (NMConnection) connection = NULL;
  g_autofree char *uuid = NULL;

  if (g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, error))
    {
      uuid = g_key_file_get_string (file, "connection", "uuid", NULL);
      if (uuid == NULL || !lodge_network_profile_is_ours (uuid))
        return TRUE;
      connection
          = nm_keyfile_read (file, directory, NM_KEYFILE_HANDLER_FLAGS_NONE, NULL, NULL, error);
    }
  if (connection == NULL || !nm_connection_normalize (connection, NULL, NULL, error))
    {
      g_prefix_error (error, N_ ("read the network profile %s: "), path);
      return FALSE;
    }
  g_ptr_array_add (profiles, g_steal_pointer (&connection));
  return TRUE;
}

GPtrArray *
lodge_network_profiles_load (const char *root, GError **error)
{
  g_autoptr (GPtrArray) profiles = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *directory = lodge_host_path (root, DIRECTORY);
  g_autoptr (GDir) entries = g_dir_open (directory, 0, NULL);
  const char *name;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);

      /* NetworkManager(8) reads no other name here. */
      if (g_str_has_suffix (name, ".nmconnection") && !load_file (path, directory, profiles, error))
        return NULL;
    }
  return g_steal_pointer (&profiles);
}

/* --- answers --- */

static void
set (LodgeAnswers *answers, const char *key, const char *value)
{
  const LodgeAnswerKey *row = lodge_answer_key_find ("network", key);

  lodge_answer_key_reset (row, answers);
  /* What answers.conf does not take (a bridge of another tool's naming) stays at its default; the
   * comparison with the profile then shows it. */
  if (value != NULL && value[0] != '\0')
    lodge_answer_key_parse (row, value, answers, NULL);
}

static void
read_family (NMSettingIPConfig *setting, int family, LodgeAnswers *answers)
{
  const char *method = setting != NULL ? nm_setting_ip_config_get_method (setting) : NULL;
  gboolean is4 = family == AF_INET;
  g_autofree char *address = NULL;

  if (g_strcmp0 (method, NM_SETTING_IP4_CONFIG_METHOD_MANUAL) == 0
      && nm_setting_ip_config_get_num_addresses (setting) > 0)
    {
      NMIPAddress *first = nm_setting_ip_config_get_address (setting, 0);

      address = g_strdup_printf ("%s/%u", nm_ip_address_get_address (first),
                                 nm_ip_address_get_prefix (first));
      set (answers, is4 ? "ipv4" : "ipv6", "static");
      set (answers, is4 ? "address" : "address6", address);
      set (answers, is4 ? "gateway" : "gateway6", nm_setting_ip_config_get_gateway (setting));
      return;
    }
  if (g_strcmp0 (method, NM_SETTING_IP4_CONFIG_METHOD_AUTO) == 0)
    set (answers, is4 ? "ipv4" : "ipv6", is4 ? "dhcp" : "auto");
  else if (!is4 && g_strcmp0 (method, NM_SETTING_IP6_CONFIG_METHOD_DHCP) == 0)
    set (answers, "ipv6", "dhcp");
  else
    set (answers, is4 ? "ipv4" : "ipv6", "off");
  set (answers, is4 ? "address" : "address6", NULL);
  set (answers, is4 ? "gateway" : "gateway6", NULL);
}

static void
read_names (NMSettingIPConfig *setting, GString *servers, GString *domains)
{
  for (guint i = 0; setting != NULL && i < nm_setting_ip_config_get_num_dns (setting); i++)
    g_string_append_printf (servers, "%s%s", servers->len > 0 ? ";" : "",
                            nm_setting_ip_config_get_dns (setting, (int)i));
  for (guint i = 0; setting != NULL && i < nm_setting_ip_config_get_num_dns_searches (setting); i++)
    g_string_append_printf (domains, "%s%s", domains->len > 0 ? ";" : "",
                            nm_setting_ip_config_get_dns_search (setting, (int)i));
}

static void
read_ports (const GPtrArray *profiles, LodgeAnswers *answers)
{
  g_autoptr (GString) ports = g_string_new (NULL);

  for (guint i = 0; i < profiles->len; i++)
    {
      NMConnection *port = find (profiles, LODGE_PROFILE_PORT, i);
      NMSettingWired *wired = port != NULL ? nm_connection_get_setting_wired (port) : NULL;
      const char *mac = wired != NULL ? nm_setting_wired_get_mac_address (wired) : NULL;

      if (mac != NULL)
        g_string_append_printf (ports, "%smac:%s", ports->len > 0 ? ";" : "", mac);
    }
  set (answers, "port", ports->str);
}

static void
read_lower (const GPtrArray *profiles, NMConnection *bridge, LodgeAnswers *answers)
{
  NMConnection *vlan = find (profiles, LODGE_PROFILE_VLAN, 0);
  NMConnection *bond = find (profiles, LODGE_PROFILE_BOND, 0);
  NMSettingVlan *tag = vlan != NULL ? nm_connection_get_setting_vlan (vlan) : NULL;
  NMSettingBond *bonding = bond != NULL ? nm_connection_get_setting_bond (bond) : NULL;
  NMSettingWired *wired = nm_connection_get_setting_wired (bridge);
  guint mtu = wired != NULL ? nm_setting_wired_get_mtu (wired) : 0;
  g_autofree char *tag_text
      = tag != NULL ? g_strdup_printf ("%u", nm_setting_vlan_get_id (tag)) : NULL;
  g_autofree char *mtu_text = mtu > 0 ? g_strdup_printf ("%u", mtu) : NULL;

  set (answers, "vlan", tag_text);
  set (answers, "mtu", mtu_text);
  set (answers, "bond",
       bonding != NULL ? nm_setting_bond_get_option_by_name (bonding, NM_SETTING_BOND_OPTION_MODE)
                       : NULL);
}

/* --- what the answers have no word for --- */

/* "ipv4.routes" for each property of ACTUAL that is not as in WANTED (NULL: not at all ours). */
static void
add_differences (NMConnection *actual, NMConnection *wanted, GHashTable *names)
{
  g_autoptr (GHashTable) settings = NULL;
  GHashTableIter iter, properties;
  gpointer setting, table, property;

  nm_connection_diff (actual, wanted, NM_SETTING_COMPARE_FLAG_IGNORE_TIMESTAMP, &settings);
  if (settings == NULL)
    return;
  g_hash_table_iter_init (&iter, settings);
  while (g_hash_table_iter_next (&iter, &setting, &table))
    {
      g_hash_table_iter_init (&properties, table);
      while (g_hash_table_iter_next (&properties, &property, NULL))
        g_hash_table_add (names, g_strconcat (setting, ".", property, NULL));
    }
}

static GStrv
sorted (GHashTable *names)
{
  GList *list = g_list_sort (g_hash_table_get_keys (names), (GCompareFunc)g_strcmp0);
  GPtrArray *array = g_ptr_array_new ();

  for (GList *item = list; item != NULL; item = item->next)
    g_ptr_array_add (array, g_strdup (item->data));
  g_ptr_array_add (array, NULL);
  g_list_free (list);
  return (GStrv)g_ptr_array_free (array, FALSE);
}

static GStrv
list_foreign (const GPtrArray *profiles, const LodgeAnswers *answers)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) macs = g_ptr_array_new ();
  g_autoptr (GPtrArray) wanted = NULL;

  for (guint i = 0; i < answers->ports->len; i++)
    g_ptr_array_add (macs, ((const LodgeSelector *)answers->ports->pdata[i])->value);
  g_ptr_array_add (macs, NULL);
  wanted = lodge_network_profiles_make (answers, (const char *const *)macs->pdata, NULL);
  for (guint i = 0; wanted != NULL && i < wanted->len; i++)
    for (guint j = 0; j < profiles->len; j++)
      if (g_strcmp0 (nm_connection_get_uuid (wanted->pdata[i]),
                     nm_connection_get_uuid (profiles->pdata[j]))
          == 0)
        add_differences (profiles->pdata[j], wanted->pdata[i], names);
  return sorted (names);
}

gboolean
lodge_network_profiles_read (const GPtrArray *profiles, LodgeAnswers *answers, GStrv *foreign)
{
  NMConnection *bridge = find (profiles, LODGE_PROFILE_BRIDGE, 0);
  g_autoptr (GString) servers = g_string_new (NULL);
  g_autoptr (GString) domains = g_string_new (NULL);
  NMSettingIPConfig *ipv4, *ipv6;

  *foreign = g_new0 (char *, 1);
  if (bridge == NULL || find (profiles, LODGE_PROFILE_PORT, 0) == NULL)
    return FALSE;
  ipv4 = nm_connection_get_setting_ip4_config (bridge);
  ipv6 = nm_connection_get_setting_ip6_config (bridge);
  read_ports (profiles, answers);
  if (answers->ports->len == 0)
    return FALSE;
  set (answers, "bridge", nm_connection_get_interface_name (bridge));
  read_lower (profiles, bridge, answers);
  read_family (ipv4, AF_INET, answers);
  read_family (ipv6, AF_INET6, answers);
  read_names (ipv4, servers, domains);
  read_names (ipv6, servers, domains);
  set (answers, "dns", servers->str);
  set (answers, "search", domains->str);
  g_strfreev (*foreign);
  *foreign = list_foreign (profiles, answers);
  return TRUE;
}
