/* Definitions of networks that were replaced.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/replaced-network.h"

#include "common/file.h"
#include "firstboot/libvirt-xml.h"

/* libvirt.org/formatnetwork.html; an attribute that the element always has. */
static const struct
{
  const char *path;
  const char *attribute;
} additions[] = {
  { "network/ip/dhcp/host", "ip" },    { "network/ip/dhcp/host", "mac" },
  { "network/dns/host", "ip" },        { "network/dns/forwarder", "addr" },
  { "network/dns/txt", "name" },       { "network/dns/srv", "service" },
  { "network/route", "address" },      { "network/portgroup", "name" },
  { "network/domain", "name" },        { "network/ip/tftp", "root" },
  { "network/ip/dhcp/bootp", "file" }, { "network/forward", "dev" },
};

gboolean
lodge_replaced_network_has_more (const char *xml)
{
  for (gsize i = 0; i < G_N_ELEMENTS (additions); i++)
    {
      g_autoptr (GPtrArray) found
          = lodge_libvirt_xml_list (xml, additions[i].path, additions[i].attribute);

      if (found->len > 0)
        return TRUE;
    }
  return FALSE;
}

char *
lodge_replaced_network_keep (const char *root, const char *name, const char *xml, GError **error)
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, xml, -1);
  g_autofree char *path = g_strdup_printf (LODGE_REPLACED_NETWORKS "/%s-%.12s.xml", name, sum);
  g_autofree char *full = g_strconcat (root, path, NULL);

  return lodge_file_replace (full, xml, -1, 0600, error) ? g_steal_pointer (&path) : NULL;
}
