/* What libvirt is told, as XML (libvirt.org/formatnetwork.html, formatstorage.html,
 * formatdomain.html), and the little that must be read out of its XML. Copyright (C) 2026 The Lodge
 * developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pure.  Values are escaped; results are freed with g_free.
 */
#pragma once

#include <glib.h>

/* UUID is that of the object to redefine, or NULL for a new one; as in all that follow. */
char *lodge_libvirt_pool_xml (const char *uuid, const char *name, const char *directory);

/* Guests are plugged straight into the host's BRIDGE. */
char *lodge_libvirt_bridged_network_xml (const char *uuid, const char *name, const char *bridge);

/* NAT behind the first address of SUBNET ("192.168.122.0/24", /29 or wider), the rest is leased by
 * DHCP.  NULL with ERROR set for a subnet that is none. */
char *lodge_libvirt_nat_network_xml (const char *uuid, const char *name, const char *subnet,
                                     GError **error);

typedef struct
{
  const char *name;
  const char *kernel;
  const char *initramfs;
  const char *console; /* the file that its serial line goes to */
  gboolean kvm;
  guint memory; /* MiB */
} LodgeProofDomain;

/* The proof guest: one processor, a serial line, no disk and no network. */
char *lodge_libvirt_proof_domain_xml (const LodgeProofDomain *domain);

/* The value of ATTRIBUTE (with NULL: the text) of the first element at PATH, "network/forward";
 * NULL when there is none. */
char *lodge_libvirt_xml_get (const char *xml, const char *path, const char *attribute);

/* The values of ATTRIBUTE of all elements at PATH that have it, each once, in their order (of char
 * *; never NULL). */
GPtrArray *lodge_libvirt_xml_list (const char *xml, const char *path, const char *attribute);
