/* Everything a plan is made from, gathered at once.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/probe-files.h"
#include "firstboot/look-for-guests.h"
#include "firstboot/probe.h"

#include <arpa/inet.h>
#include <stdlib.h>

/* "192.168.122.0/24" of a line of /proc/net/route, whose numbers are hexadecimal and in network
 * order as this machine stores it; NULL for the default route and for what is no route. */
static char *
parse_route (const char *line)
{
  g_auto (GStrv) fields = g_strsplit_set (line, "\t ", -1);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  char address[INET_ADDRSTRLEN];
  struct in_addr network;
  guint32 mask;

  for (gsize i = 0; fields[i] != NULL; i++)
    if (fields[i][0] != '\0')
      g_ptr_array_add (words, fields[i]);
  /* Iface Destination Gateway Flags RefCnt Use Metric Mask …: proc_pid_net(5) */
  if (words->len < 8)
    return NULL;
  network.s_addr = (in_addr_t)strtoul (g_ptr_array_index (words, 1), NULL, 16);
  mask = (guint32)strtoul (g_ptr_array_index (words, 7), NULL, 16);
  if (mask == 0 || inet_ntop (AF_INET, &network, address, sizeof address) == NULL)
    return NULL;
  return g_strdup_printf ("%s/%d", address, __builtin_popcount (mask));
}

static GPtrArray *
read_routes (const LodgeProbe *probe)
{
  GPtrArray *routes = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = lodge_probe_read (probe, "/proc/net/route");
  g_auto (GStrv) lines = g_strsplit (text == NULL ? "" : text, "\n", -1);

  /* The first line is the table's head. */
  for (gsize i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    {
      g_autofree char *route = parse_route (lines[i]);

      if (route != NULL && !g_ptr_array_find_with_equal_func (routes, route, g_str_equal, NULL))
        g_ptr_array_add (routes, g_steal_pointer (&route));
    }
  return routes;
}

LodgeFacts *
lodge_probe_all (const LodgeProbe *probe, GError **error)
{
  g_autoptr (LodgeFacts) facts = g_new0 (LodgeFacts, 1);

  facts->host = lodge_probe_host (probe, error);
  if (facts->host == NULL)
    return NULL;
  facts->checks = lodge_probe_virtualization (probe);
  facts->disks = lodge_probe_disks_and_guests (probe, error);
  if (facts->disks == NULL)
    return NULL;
  facts->ports = lodge_probe_ports (probe, error);
  if (facts->ports == NULL)
    return NULL;
  facts->kernel_routes = read_routes (probe);
  return g_steal_pointer (&facts);
}

void
lodge_facts_free (LodgeFacts *facts)
{
  if (facts == NULL)
    return;
  lodge_host_free (facts->host);
  g_clear_pointer (&facts->checks, g_ptr_array_unref);
  g_clear_pointer (&facts->disks, g_ptr_array_unref);
  g_clear_pointer (&facts->ports, g_ptr_array_unref);
  g_clear_pointer (&facts->kernel_routes, g_ptr_array_unref);
  g_free (facts);
}
