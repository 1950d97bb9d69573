/* The Ethernet ports that the bridge stands on: known to NetworkManager, and plugged in?
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-ports.h"

#include "common/error.h"
#include "firstboot/i18n.h"

#define PORT_SECONDS 15

static gboolean
ports_are_known (gpointer data)
{
  const LodgeNetworkPorts *ports = data;

  for (guint i = 0; ports->macs[i] != NULL; i++)
    {
      NMDevice *port = lodge_network_find_port (ports->session, ports->macs[i]);

      if (port == NULL || nm_device_get_state (port) <= NM_DEVICE_STATE_UNMANAGED)
        return FALSE;
    }
  return TRUE;
}

gboolean
lodge_network_ports_have_carrier (const LodgeNetworkPorts *ports)
{
  for (guint i = 0; ports->macs[i] != NULL; i++)
    {
      NMDevice *port = lodge_network_find_port (ports->session, ports->macs[i]);

      if (port != NULL && nm_device_ethernet_get_carrier (NM_DEVICE_ETHERNET (port)))
        return TRUE;
    }
  return FALSE;
}

static gboolean
ports_have_carrier (gpointer data)
{
  return lodge_network_ports_have_carrier (data);
}

char *
lodge_network_ports_describe (const LodgeNetworkPorts *ports)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; ports->macs[i] != NULL; i++)
    {
      NMDevice *port = lodge_network_find_port (ports->session, ports->macs[i]);

      g_string_append_printf (text, "%s%s (%s)", i > 0 ? ", " : "",
                              port != NULL ? nm_device_get_iface (port) : "absent port",
                              ports->macs[i]);
    }
  return g_string_free (text, FALSE);
}

gboolean
lodge_network_ports_wait (const LodgeNetworkPorts *ports, GCancellable *cancellable, GError **error)
{
  gboolean known = lodge_network_wait (ports->session, PORT_SECONDS, cancellable, ports_are_known,
                                       (gpointer)ports);
  g_autofree char *names = lodge_network_ports_describe (ports);

  if (known
      && lodge_network_wait (ports->session, PORT_SECONDS, cancellable, ports_have_carrier,
                             (gpointer)ports))
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!known)
    return lodge_error_set (
        error, LODGE_ERROR_FAILED,
        N_ ("NetworkManager does not manage the port %s; see \"nmcli device\" and "
            "its configuration for what keeps it off"),
        names);
  return lodge_error_set (
      error, LODGE_ERROR_FAILED,
      N_ ("no carrier on %s within %d s; check its cable and the switch, or name "
          "another port"),
      names, PORT_SECONDS);
}

NMActiveConnection *
lodge_network_ports_activate (const LodgeNetworkPorts *ports, NMConnection *profile,
                              GCancellable *cancellable, GError **error)
{
  LodgeNetworkSession *session = ports->session;
  NMSettingWired *wired = nm_connection_get_setting_wired (profile);
  const char *mac = wired != NULL ? nm_setting_wired_get_mac_address (wired) : NULL;
  NMDevice *port = mac != NULL ? lodge_network_find_port (session, mac) : NULL;
  NMRemoteConnection *remote = lodge_network_find_profile (session, profile);
  g_autoptr (GAsyncResult) result = NULL;
  NMActiveConnection *active;

  if (remote == NULL)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED, N_ ("the network profile %s has vanished"),
                       nm_connection_get_id (profile));
      return NULL;
    }
  nm_client_activate_connection_async (session->client, NM_CONNECTION (remote), port, NULL,
                                       cancellable, lodge_network_ready, &result);
  lodge_network_await (session, &result);
  active = nm_client_activate_connection_finish (session->client, result, error);
  if (active == NULL)
    g_prefix_error (error, N_ ("NetworkManager does not start the profile %s: "),
                    nm_connection_get_id (profile));
  return active;
}
