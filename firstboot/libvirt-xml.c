/* What libvirt is told, as XML, and the little that must be read out of its XML.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/libvirt-xml.h"

#include <gio/gio.h>
#include <string.h>
#include "common/error.h"
#include "firstboot/i18n.h"

static char *
uuid_element (const char *uuid)
{
  return uuid != NULL ? g_markup_printf_escaped ("  <uuid>%s</uuid>\n", uuid) : g_strdup ("");
}

/* Puts the element, which is XML already, after the opening tag's line. */
static char *
with_uuid (const char *uuid, char *xml)
{
  g_autofree char *element = uuid_element (uuid);
  g_autofree char *taken = xml;
  const char *rest = strchr (taken, '\n') + 1;

  return g_strdup_printf ("%.*s%s%s", (int)(rest - taken), taken, element, rest);
}

char *
lodge_libvirt_pool_xml (const char *uuid, const char *name, const char *directory)
{
  /* 0711: guests' processes pass through, nobody lists. */
  return with_uuid (uuid, g_markup_printf_escaped ("<pool type='dir'>\n"
                                                   "  <name>%s</name>\n"
                                                   "  <target>\n"
                                                   "    <path>%s</path>\n"
                                                   "    <permissions>\n"
                                                   "      <mode>0711</mode>\n"
                                                   "      <owner>0</owner>\n"
                                                   "      <group>0</group>\n"
                                                   "    </permissions>\n"
                                                   "  </target>\n"
                                                   "</pool>\n",
                                                   name, directory));
}

char *
lodge_libvirt_bridged_network_xml (const char *uuid, const char *name, const char *bridge)
{
  return with_uuid (uuid, g_markup_printf_escaped ("<network>\n"
                                                   "  <name>%s</name>\n"
                                                   "  <forward mode='bridge'/>\n"
                                                   "  <bridge name='%s'/>\n"
                                                   "</network>\n",
                                                   name, bridge));
}

/* Dotted form of the IPv4 address VALUE, which is in host byte order. */
static char *
ipv4_text (guint32 value)
{
  return g_strdup_printf ("%u.%u.%u.%u", value >> 24, value >> 16 & 0xff, value >> 8 & 0xff,
                          value & 0xff);
}

char *
lodge_libvirt_nat_network_xml (const char *uuid, const char *name, const char *subnet,
                               GError **error)
{
  g_autoptr (GInetAddressMask) mask = g_inet_address_mask_new_from_string (subnet, NULL);
  guint32 first, size;
  guint length;
  g_autofree char *host = NULL;
  g_autofree char *netmask = NULL;
  g_autofree char *start = NULL;
  g_autofree char *end = NULL;

  if (mask == NULL || g_inet_address_mask_get_family (mask) != G_SOCKET_FAMILY_IPV4
      || g_inet_address_mask_get_length (mask) < 8 || g_inet_address_mask_get_length (mask) > 29)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       N_ ("\"%s\" is not a subnet for guests, as 192.168.122.0/24 is"), subnet);
      return NULL;
    }
  length = g_inet_address_mask_get_length (mask);
  memcpy (&first, g_inet_address_to_bytes (g_inet_address_mask_get_address (mask)), sizeof first);
  first = GUINT32_FROM_BE (first);
  size = 1U << (32 - length);
  host = ipv4_text (first + 1);
  netmask = ipv4_text (~(size - 1));
  start = ipv4_text (first + 2);
  end = ipv4_text (first + size - 2);
  return with_uuid (uuid, g_markup_printf_escaped ("<network>\n"
                                                   "  <name>%s</name>\n"
                                                   "  <forward mode='nat'/>\n"
                                                   "  <bridge stp='on' delay='0'/>\n"
                                                   "  <ip address='%s' netmask='%s'>\n"
                                                   "    <dhcp>\n"
                                                   "      <range start='%s' end='%s'/>\n"
                                                   "    </dhcp>\n"
                                                   "  </ip>\n"
                                                   "</network>\n",
                                                   name, host, netmask, start, end));
}

char *
lodge_libvirt_proof_domain_xml (const LodgeProofDomain *domain)
{
  /* panic=-1: a kernel that panics asks for a reset, and on_reboot turns that into the guest's end.
   */
  return g_markup_printf_escaped (
      "<domain type='%s'>\n"
      "  <name>%s</name>\n"
      "  <memory unit='MiB'>%u</memory>\n"
      "  <vcpu>1</vcpu>\n"
      "  <os>\n"
      "    <type arch='x86_64' machine='q35'>hvm</type>\n"
      "    <kernel>%s</kernel>\n"
      "    <initrd>%s</initrd>\n"
      "    <cmdline>console=ttyS0,115200 rdinit=/init panic=-1 loglevel=4</cmdline>\n"
      "  </os>\n"
      "  <features>\n"
      "    <acpi/>\n"
      "  </features>\n"
      "  <cpu mode='%s'/>\n"
      "  <on_poweroff>destroy</on_poweroff>\n"
      "  <on_reboot>destroy</on_reboot>\n"
      "  <on_crash>destroy</on_crash>\n"
      "  <devices>\n"
      "    <controller type='usb' model='none'/>\n"
      "    <serial type='file'>\n"
      "      <source path='%s'/>\n"
      "    </serial>\n"
      "    <memballoon model='none'/>\n"
      "  </devices>\n"
      "</domain>\n",
      domain->kvm ? "kvm" : "qemu", domain->name, domain->memory, domain->kernel, domain->initramfs,
      domain->kvm ? "host-passthrough" : "maximum", domain->console);
}

/* --- reading --- */

typedef struct
{
  const char *path;
  const char *attribute;
  GString *at; /* the path of the element being read */
  char *found;
  GPtrArray *all; /* of char *: collects every one; or NULL */
} Search;

static void
take (Search *search, const char *value)
{
  if (search->all == NULL)
    search->found = g_strdup (value);
  else if (!g_ptr_array_find_with_equal_func (search->all, value, g_str_equal, NULL))
    g_ptr_array_add (search->all, g_strdup (value));
}

static void
on_start (GMarkupParseContext *parser G_GNUC_UNUSED, const char *element, const char **names,
          const char **values, gpointer data, GError **error G_GNUC_UNUSED)
{
  Search *search = data;

  g_string_append_printf (search->at, "%s%s", search->at->len > 0 ? "/" : "", element);
  if (search->found != NULL || search->attribute == NULL
      || strcmp (search->at->str, search->path) != 0)
    return;
  for (guint i = 0; names[i] != NULL; i++)
    if (strcmp (names[i], search->attribute) == 0)
      take (search, values[i]);
}

static void
on_end (GMarkupParseContext *parser G_GNUC_UNUSED, const char *element, gpointer data,
        GError **error G_GNUC_UNUSED)
{
  Search *search = data;
  gsize length = strlen (element) + 1;

  g_string_truncate (search->at, search->at->len > length ? search->at->len - length : 0);
}

static void
on_text (GMarkupParseContext *parser G_GNUC_UNUSED, const char *text, gsize length, gpointer data,
         GError **error G_GNUC_UNUSED)
{
  Search *search = data;

  if (search->found == NULL && search->attribute == NULL
      && strcmp (search->at->str, search->path) == 0)
    search->found = g_strndup (text, length);
}

char *
lodge_libvirt_xml_get (const char *xml, const char *path, const char *attribute)
{
  static const GMarkupParser parser
      = { .start_element = on_start, .end_element = on_end, .text = on_text };
  g_autoptr (GString) at = g_string_new (NULL);
  Search search = { .path = path, .attribute = attribute, .at = at };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &search, NULL);

  /* XML that cannot be read has no such element; libvirt writes none. */
  if (!g_markup_parse_context_parse (context, xml, -1, NULL))
    g_clear_pointer (&search.found, g_free);
  return search.found;
}

GPtrArray *
lodge_libvirt_xml_list (const char *xml, const char *path, const char *attribute)
{
  static const GMarkupParser parser = { .start_element = on_start, .end_element = on_end };
  g_autoptr (GString) at = g_string_new (NULL);
  Search search = {
    .path = path, .attribute = attribute, .at = at, .all = g_ptr_array_new_with_free_func (g_free)
  };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &search, NULL);

  if (!g_markup_parse_context_parse (context, xml, -1, NULL))
    g_ptr_array_set_size (search.all, 0);
  return search.all;
}
