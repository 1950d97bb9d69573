/* Physical Ethernet ports.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/port-link.h"
#include "firstboot/i18n.h"
#include "common/probe-files.h"
#include "firstboot/probe-host.h"

#include <net/if_arp.h>

/* Copper takes longest to agree on a speed, 10GBASE-T up to about ten seconds.  The whole time is
 * given whenever a port has no carrier: which port is the only one with a cable (port=auto) must
 * not depend on which was fastest. */
#define SETTLE_MS 10000

static const char *const paravirtual_drivers[]
    = { "virtio_net", "vmxnet3", "vif", "hv_netvsc", NULL };

/* Ports that can carry a bridge: Ethernet, on a device (not a bridge, bond or VLAN), not wireless,
 * and not a virtual function that this machine's own card makes for its VMs. */
static gboolean
is_port (const LodgeProbe *probe, const char *name)
{
  return lodge_probe_exists (probe, "/sys/class/net/%s/device", name)
         && lodge_probe_number (probe, -1, "/sys/class/net/%s/type", name) == ARPHRD_ETHER
         && !lodge_probe_exists (probe, "/sys/class/net/%s/wireless", name)
         && !lodge_probe_exists (probe, "/sys/class/net/%s/phy80211", name)
         && !lodge_probe_exists (probe, "/sys/class/net/%s/device/physfn", name);
}

static LodgePort *
read_port (const LodgeProbe *probe, const char *name)
{
  LodgePort *port = g_new0 (LodgePort, 1);
  g_autofree char *mac = lodge_probe_read (probe, "/sys/class/net/%s/address", name);

  port->name = g_strdup (name);
  port->mac = g_ascii_strdown (mac == NULL ? "" : mac, -1);
  port->permanent_mac = lodge_probe_is_captured (probe)
                            ? lodge_capture_value (probe, "permanent-mac", name)
                            : lodge_link_permanent_mac (name);
  if (port->permanent_mac == NULL)
    port->permanent_mac = g_strdup (port->mac);
  port->driver = lodge_probe_link_name (probe, "/sys/class/net/%s/device/driver", name);
  port->carrier = lodge_probe_number (probe, 0, "/sys/class/net/%s/carrier", name) == 1;
  /* Drivers that do not know say -1; a port that is down cannot be asked. */
  port->speed = (int)lodge_probe_number (probe, -1, "/sys/class/net/%s/speed", name);
  if (port->speed <= 0)
    port->speed = -1;
  port->virtual_guest = port->driver != NULL && g_strv_contains (paravirtual_drivers, port->driver);
  return port;
}

GPtrArray *
lodge_ports_read (const LodgeProbe *probe)
{
  GPtrArray *ports = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_port_free);
  g_autoptr (GPtrArray) names = lodge_probe_list (probe, "/sys/class/net");

  for (guint i = 0; i < names->len; i++)
    if (is_port (probe, g_ptr_array_index (names, i)))
      g_ptr_array_add (ports, read_port (probe, g_ptr_array_index (names, i)));
  return ports;
}

GPtrArray *
lodge_probe_ports (const LodgeProbe *probe, GError **error)
{
  g_autoptr (GPtrArray) found = lodge_ports_read (probe);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  /* No port at all is the plan's to complain about. */
  (void)error;
  if (lodge_probe_is_captured (probe))
    return g_steal_pointer (&found);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (names, ((const LodgePort *)g_ptr_array_index (found, i))->name);
  lodge_links_settle (names, SETTLE_MS);
  return lodge_ports_read (probe);
}

gboolean
lodge_port_matches (const LodgePort *port, const LodgeSelector *selector)
{
  switch (selector->kind)
    {
    case LODGE_SELECT_MAC:
      /* The ports of a bond all have the current address of its first one. */
      return g_ascii_strcasecmp (port->permanent_mac, selector->value) == 0;
    case LODGE_SELECT_NAME:
      return g_str_equal (port->name, selector->value);
    case LODGE_SELECT_SERIAL:
    case LODGE_SELECT_PATH:
    case LODGE_SELECT_WWN:
      break;
    }
  return FALSE;
}

char *
lodge_port_describe (const LodgePort *port)
{
  GString *text = g_string_new (port->name);

  g_string_append_printf (text, " (%s", port->permanent_mac);
  if (port->driver != NULL)
    g_string_append_printf (text, ", %s", port->driver);
  if (!port->carrier)
    g_string_append (text, _ (", no link"));
  else if (port->speed < 0)
    g_string_append (text, _ (", link up"));
  else if (port->speed >= 1000 && port->speed % 500 == 0)
    g_string_append_printf (text, _ (", link up at %d%s Gbit/s"), port->speed / 1000,
                            port->speed % 1000 == 0 ? "" : ".5");
  else
    g_string_append_printf (text, _ (", link up at %d Mbit/s"), port->speed);
  g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
}

void
lodge_port_free (LodgePort *port)
{
  if (port == NULL)
    return;
  g_free (port->name);
  g_free (port->mac);
  g_free (port->permanent_mac);
  g_free (port->driver);
  g_free (port);
}
