/* Which network port carries the bridge, and which network the guests behind NAT get.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/plan-choose.h"

#include "common/error.h"
#include "common/number.h"
#include "firstboot/i18n.h"

#include <gio/gio.h>

/* libvirt's own default network, and the ones after it (192.168.N.0/24). */
#define FIRST_NAT_NETWORK 122
#define LAST_NAT_NETWORK 254

/* "enp1s0 (…)", "enp2s0 (…)": port descriptions tell the carrier. */
static char *
list_ports (const GPtrArray *ports)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < ports->len; i++)
    {
      g_autofree char *name = lodge_port_describe (ports->pdata[i]);
      g_string_append_printf (list, "%s%s", i > 0 ? "; " : "", name);
    }
  if (ports->len == 0)
    g_string_append (list, "no network port at all");
  return g_strdup (list->str);
}

static const LodgePort *
choose_automatically (const LodgeFacts *facts, GError **error)
{
  g_autofree char *list = list_ports (facts->ports);
  const LodgePort *port = NULL;
  guint count = 0;

  for (guint i = 0; i < facts->ports->len; i++)
    {
      const LodgePort *candidate = facts->ports->pdata[i];

      if (!candidate->carrier)
        continue;
      port = candidate;
      count++;
    }
  if (count == 1)
    return port;
  if (count == 0)
    lodge_error_set (error, LODGE_ERROR_FAILED,
                     _ ("no network port has a carrier: plug in a cable, or connect the virtual "
                        "machine's adapter.  Found: %s"),
                     list);
  else
    lodge_error_set (
        error, LODGE_ERROR_FAILED,
        _ ("%u network ports have a carrier: name the one to use in the answers' [network] "
           "section, as port=mac:%s.  Found: %s"),
        count, port->permanent_mac, list);
  return NULL;
}

static const LodgePort *
choose_selected (const LodgeFacts *facts, const LodgeSelector *selector, GError **error)
{
  g_autofree char *wanted = lodge_selector_format (selector);
  g_autofree char *list = list_ports (facts->ports);
  const LodgePort *port = NULL;

  for (guint i = 0; i < facts->ports->len; i++)
    {
      if (!lodge_port_matches (facts->ports->pdata[i], selector))
        continue;
      if (port != NULL)
        {
          lodge_error_set (
              error, LODGE_ERROR_FAILED,
              _ ("port=%s names more than one network port: name it by name:.  Found: %s"), wanted,
              list);
          return NULL;
        }
      port = facts->ports->pdata[i];
    }
  if (port == NULL)
    lodge_error_set (error, LODGE_ERROR_FAILED, _ ("there is no network port %s.  Found: %s"),
                     wanted, list);
  return port;
}

static gboolean
check_carrier (const GPtrArray *ports, GError **error)
{
  g_autofree char *list = NULL;

  for (guint i = 0; i < ports->len; i++)
    if (((const LodgePort *)ports->pdata[i])->carrier)
      return TRUE;
  if (ports->len == 1)
    {
      list = lodge_port_describe (ports->pdata[0]);
      return lodge_error_set (error, LODGE_ERROR_FAILED,
                              _ ("%s has no carrier: plug in its cable, or connect the virtual "
                                 "machine's adapter"),
                              list);
    }
  /* A bond is there for when a cable is out; one it needs. */
  list = list_ports (ports);
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          _ ("no port of the bond has a carrier: plug in a cable.  Its ports: %s"),
                          list);
}

/* The ports that the answers name, in their order; of LodgePort, not owned. */
static GPtrArray *
choose_named (const LodgeFacts *facts, const LodgeAnswers *answers, GError **error)
{
  g_autoptr (GPtrArray) ports = g_ptr_array_new ();

  for (guint i = 0; i < answers->ports->len; i++)
    {
      const LodgePort *port = choose_selected (facts, answers->ports->pdata[i], error);

      if (port == NULL)
        return NULL;
      if (g_ptr_array_find (ports, port, NULL))
        {
          lodge_error_set (error, LODGE_ERROR_FAILED,
                           _ ("%s is named twice among the ports of the bond"), port->name);
          return NULL;
        }
      g_ptr_array_add (ports, (gpointer)port);
    }
  return check_carrier (ports, error) ? g_steal_pointer (&ports) : NULL;
}

static GPtrArray *
choose_only (const LodgeFacts *facts, GError **error)
{
  const LodgePort *port = choose_automatically (facts, error);
  GPtrArray *ports;

  if (port == NULL)
    return NULL;
  ports = g_ptr_array_new ();
  g_ptr_array_add (ports, (gpointer)port);
  return ports;
}

gboolean
lodge_plan_choose_ports (LodgePlan *plan, const LodgeFacts *facts, GError **error)
{
  const LodgeAnswers *answers = plan->answers;
  g_autoptr (GPtrArray) ports = NULL;

  for (guint i = 0; i < facts->ports->len; i++)
    if (g_str_equal (((const LodgePort *)facts->ports->pdata[i])->name, answers->bridge))
      return lodge_error_set (
          error, LODGE_ERROR_FAILED,
          _ ("%s is the name of a network port: choose another one for the bridge"),
          answers->bridge);
  ports = answers->ports->len == 0 ? choose_only (facts, error)
                                   : choose_named (facts, answers, error);
  if (ports == NULL)
    return FALSE;
  plan->port_names = g_new0 (char *, ports->len + 1);
  plan->port_macs = g_new0 (char *, ports->len + 1);
  for (guint i = 0; i < ports->len; i++)
    {
      const LodgePort *port = ports->pdata[i];

      plan->port_names[i] = g_strdup (port->name);
      plan->port_macs[i] = g_strdup (port->permanent_mac);
    }
  return TRUE;
}

typedef struct
{
  guint32 address; /* host byte order */
  guint prefix;
} Network;

/* "192.0.2.10/24" (host bits allowed, or no prefix: one host); FALSE when it is not IPv4. */
static gboolean
parse_network (const char *text, Network *network)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 2);
  g_autoptr (GInetAddress) address = NULL;
  const guint8 *bytes;
  guint64 prefix = 32;

  if (parts[0] == NULL)
    return FALSE;
  address = g_inet_address_new_from_string (parts[0]);
  if (address == NULL || g_inet_address_get_family (address) != G_SOCKET_FAMILY_IPV4)
    return FALSE;
  if (parts[1] != NULL && !lodge_number_parse (parts[1], 0, 32, &prefix))
    return FALSE;
  bytes = g_inet_address_to_bytes (address);
  network->address = (guint32)bytes[0] << 24 | (guint32)bytes[1] << 16 | (guint32)bytes[2] << 8
                     | (guint32)bytes[3];
  network->prefix = (guint)prefix;
  return TRUE;
}

static gboolean
overlap (const Network *a, const Network *b)
{
  guint prefix = MIN (a->prefix, b->prefix);
  guint32 mask = prefix == 0 ? 0 : ~(guint32)0 << (32 - prefix);

  return (a->address & mask) == (b->address & mask);
}

gboolean
lodge_plan_networks_overlap (const char *a, const char *b)
{
  Network first, second;

  return parse_network (a, &first) && parse_network (b, &second) && overlap (&first, &second);
}

static gboolean
add_network (GArray *used, const char *text, GError **error)
{
  Network network;

  if (!parse_network (text, &network))
    return lodge_error_set (error, LODGE_ERROR_FAILED, _ ("\"%s\" is not an IPv4 network"), text);
  g_array_append_val (used, network);
  return TRUE;
}

gboolean
lodge_plan_choose_nat_network (LodgePlan *plan, const LodgeFacts *facts, GError **error)
{
  g_autoptr (GArray) used = g_array_new (FALSE, FALSE, sizeof (Network));

  if (!plan->answers->nat)
    return TRUE;
  for (guint i = 0; i < facts->kernel_routes->len; i++)
    if (!add_network (used, facts->kernel_routes->pdata[i], error))
      return FALSE;
  if (plan->answers->address != NULL && !add_network (used, plan->answers->address, error))
    return FALSE;

  for (guint i = FIRST_NAT_NETWORK; i <= LAST_NAT_NETWORK; i++)
    {
      Network network = { .address = 192u << 24 | 168u << 16 | i << 8, .prefix = 24 };
      gboolean taken = FALSE;

      for (guint j = 0; j < used->len && !taken; j++)
        taken = overlap (&network, &g_array_index (used, Network, j));
      if (taken)
        continue;
      plan->nat_network = g_strdup_printf ("192.168.%u.0/24", i);
      return TRUE;
    }
  return lodge_error_set (
      error, LODGE_ERROR_FAILED,
      _ ("no network from 192.168.%d.0/24 to 192.168.%d.0/24 is free for the guests "
         "behind NAT: set nat=no in the answers' [libvirt] section"),
      FIRST_NAT_NETWORK, LAST_NAT_NETWORK);
}
