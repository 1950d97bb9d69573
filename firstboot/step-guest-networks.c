/* The step "guest-networks": what guests are plugged into, "bridge" and "default" (NAT).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/guest-networks.h"

#include <stdlib.h>
#include <string.h>
#include "common/error.h"
#include "firstboot/libvirt-xml.h"
#include "firstboot/replaced-network.h"
#include "firstboot/step.h"
#include "firstboot/i18n.h"

#define BRIDGED "bridge"
#define NAT "default"

/* What makes two definitions of a network the same to us: these values. */
static const struct
{
  const char *path;
  const char *attribute;
  gboolean chosen; /* may be chosen by libvirt, where our definition does not say */
} identity[] = {
  { "network/forward", "mode", FALSE },
  { "network/bridge", "name", TRUE },
  { "network/ip", "address", FALSE },
  { "network/ip", "netmask", FALSE },
};

static gboolean
is_same (const char *existing, const char *wanted)
{
  for (guint i = 0; i < G_N_ELEMENTS (identity); i++)
    {
      g_autofree char *a
          = lodge_libvirt_xml_get (existing, identity[i].path, identity[i].attribute);
      g_autofree char *b = lodge_libvirt_xml_get (wanted, identity[i].path, identity[i].attribute);

      if (g_strcmp0 (a, b) != 0 && !(identity[i].chosen && b == NULL))
        return FALSE;
    }
  return TRUE;
}

/* Cards of guests plugged into NETWORK now. */
static guint64
count_connections (virNetwork *network)
{
  g_autofree char *xml = virNetworkGetXMLDesc (network, 0);
  g_autofree char *text
      = xml != NULL ? lodge_libvirt_xml_get (xml, "network", "connections") : NULL;

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;
}

/* "web, db": the guests that the COUNT cards in NETWORK are of; their number where libvirt does not
 * tell their names. */
static char *
name_guests (virNetwork *network, guint64 count)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  virNetworkPort **ports = NULL;
  int length = virNetworkListAllPorts (network, &ports, 0);

  for (int i = 0; i < length; i++)
    {
      char *xml = virNetworkPortGetXMLDesc (ports[i], 0);
      char *name = xml != NULL ? lodge_libvirt_xml_get (xml, "networkport/owner/name", NULL) : NULL;

      if (name != NULL && !g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        g_ptr_array_add (names, g_steal_pointer (&name));
      g_free (name);
      free (xml);
      virNetworkPortFree (ports[i]);
    }
  free (ports);
  if (names->len == 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " connected", count);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (", ", (char **)names->pdata);
}

/* NETWORK has no guests, or ERROR says with CODE which. */
static gboolean
require_unused (virNetwork *network, const char *name, LodgeError code, GError **error)
{
  guint64 count = virNetworkIsActive (network) == 1 ? count_connections (network) : 0;
  g_autofree char *guests = count > 0 ? name_guests (network, count) : NULL;

  if (guests == NULL)
    return TRUE;
  return lodge_error_set (error, code,
                          N_ ("the libvirt network \"%s\" must change but guests use it (%s); shut "
                              "them down first"),
                          name, guests);
}

static gboolean
stop (virNetwork *network, const char *name, GError **error)
{
  if (virNetworkIsActive (network) != 1)
    return TRUE;
  if (!require_unused (network, name, LODGE_ERROR_FAILED, error))
    return FALSE;
  return virNetworkDestroy (network) == 0
         || lodge_libvirt_error (error, "cannot stop the libvirt network \"%s\"", name);
}

/* The lasting definition of NETWORK, or NULL when it has none. */
static char *
lasting_xml (virNetwork *network)
{
  return virNetworkIsPersistent (network) == 1
             ? virNetworkGetXMLDesc (network, VIR_NETWORK_XML_INACTIVE)
             : NULL;
}

/* XML, the definition of the network NAME, goes: kept in a file, told, and worth a warning when
 * somebody had added to it, as on VM storage that was adopted. */
static gboolean
keep_definition (LodgeStepContext *context, const char *name, const char *xml, const char *what,
                 GError **error)
{
  g_autofree char *path = lodge_replaced_network_keep (context->root, name, xml, error);
  g_autofree char *line = NULL;
  g_autofree char *told = NULL;
  JsonArray *warnings;

  if (path == NULL)
    {
      g_prefix_error (error, N_ ("keep the definition of the libvirt network \"%s\": "), name);
      return FALSE;
    }
  line = g_strdup_printf ("the libvirt network \"%s\" %s; its definition is kept in %s", name, what,
                          path);
  if (!lodge_replaced_network_has_more (xml))
    {
      context->tell (line, context->tell_data);
      return TRUE;
    }
  told = g_strdup_printf ("warning: %s", line);
  context->tell (told, context->tell_data);
  if (!json_object_has_member (context->measured, "warnings"))
    json_object_set_array_member (context->measured, "warnings", json_array_new ());
  warnings = json_object_get_array_member (context->measured, "warnings");
  json_array_add_string_element (warnings, line);
  return TRUE;
}

/* NETWORK (or NULL) becomes what XML says; taken, a new reference is returned. */
static virNetwork *
define (LodgeStepContext *context, virConnect *connection, virNetwork *network, const char *name,
        const char *xml, GError **error)
{
  g_autoptr (virNetwork) old = network;
  g_autofree char *existing = NULL;
  virNetwork *defined;

  if (old != NULL)
    existing = lasting_xml (old);
  if (existing != NULL && is_same (existing, xml))
    return g_steal_pointer (&old);
  if (old != NULL && !stop (old, name, error))
    return NULL;
  if (existing != NULL
      && !keep_definition (context, name, existing, "was defined otherwise and is replaced", error))
    return NULL;
  defined = virNetworkDefineXML (connection, xml);
  if (defined == NULL)
    lodge_libvirt_error (error, "cannot define the libvirt network \"%s\"", name);
  return defined;
}

static gboolean
start (LodgeStepContext *context, virNetwork *network, const char *name, const char *what,
       GError **error)
{
  g_autofree char *line = NULL;

  if (virNetworkSetAutostart (network, 1) < 0)
    return lodge_libvirt_error (error, "cannot make the libvirt network \"%s\" start at boot",
                                name);
  if (virNetworkIsActive (network) != 1 && virNetworkCreate (network) < 0)
    return lodge_libvirt_error (error, "cannot start the libvirt network \"%s\" (%s)", name, what);
  json_object_set_string_member (context->measured, name, what);
  line = g_strdup_printf ("network \"%s\": %s", name, what);
  context->tell (line, context->tell_data);
  return TRUE;
}

/* UUID of NETWORK for its new definition, or NULL.  BUFFER holds VIR_UUID_STRING_BUFLEN bytes. */
static const char *
uuid_of (virNetwork *network, char *buffer)
{
  return network != NULL && virNetworkGetUUIDString (network, buffer) == 0 ? buffer : NULL;
}

static gboolean
make_bridged (LodgeStepContext *context, virConnect *connection, GError **error)
{
  virNetwork *existing = virNetworkLookupByName (connection, BRIDGED);
  char uuid[VIR_UUID_STRING_BUFLEN];
  g_autofree char *xml = lodge_libvirt_bridged_network_xml (uuid_of (existing, uuid), BRIDGED,
                                                            context->plan->answers->bridge);
  g_autofree char *what
      = g_strdup_printf ("guests on the host's bridge %s", context->plan->answers->bridge);
  g_autoptr (virNetwork) network = define (context, connection, existing, BRIDGED, xml, error);

  return network != NULL && start (context, network, BRIDGED, what, error);
}

static gboolean
make_nat (LodgeStepContext *context, virConnect *connection, GError **error)
{
  g_autoptr (virNetwork) existing = virNetworkLookupByName (connection, NAT);
  char uuid[VIR_UUID_STRING_BUFLEN];
  g_autofree char *xml = lodge_libvirt_nat_network_xml (uuid_of (existing, uuid), NAT,
                                                        context->plan->nat_network, error);
  g_autofree char *what = g_strdup_printf ("NAT, %s", context->plan->nat_network);
  g_autoptr (virNetwork) network = NULL;

  if (xml == NULL)
    return FALSE;
  network = define (context, connection, g_steal_pointer (&existing), NAT, xml, error);
  return network != NULL && start (context, network, NAT, what, error);
}

/* nat=no: distributions ship the network "default", some of them started.  It goes, unless somebody
 * has made it something of his own or a guest is plugged into it. */
static gboolean
remove_nat (LodgeStepContext *context, virConnect *connection, GError **error)
{
  g_autoptr (virNetwork) network = virNetworkLookupByName (connection, NAT);
  g_autofree char *xml = network != NULL ? virNetworkGetXMLDesc (network, 0) : NULL;
  g_autofree char *mode
      = xml != NULL ? lodge_libvirt_xml_get (xml, "network/forward", "mode") : NULL;
  g_autofree char *lasting = network != NULL ? lasting_xml (network) : NULL;

  if (network == NULL)
    return TRUE;
  if (g_strcmp0 (mode, "nat") != 0 || count_connections (network) > 0)
    {
      context->tell ("the libvirt network \"" NAT
                     "\" is in use or not the distribution's; it stays",
                     context->tell_data);
      return TRUE;
    }
  if ((lasting != NULL && !keep_definition (context, NAT, lasting, "is removed (nat=no)", error))
      || !stop (network, NAT, error))
    return FALSE;
  if (virNetworkIsPersistent (network) == 1 && virNetworkUndefine (network) < 0)
    return lodge_libvirt_error (error, "cannot undefine the libvirt network \"" NAT "\"");
  return TRUE;
}

static gboolean
check (virConnect *connection, const char *name, const char *xml, GError **error)
{
  g_autoptr (virNetwork) network = virNetworkLookupByName (connection, name);
  g_autofree char *existing = network != NULL ? lasting_xml (network) : NULL;

  if (network == NULL || (existing != NULL && is_same (existing, xml)))
    return TRUE;
  return require_unused (network, name, LODGE_ERROR_REFUSED, error);
}

gboolean
lodge_guest_networks_check (virConnect *connection, const LodgePlan *plan, GError **error)
{
  g_autofree char *bridged
      = lodge_libvirt_bridged_network_xml (NULL, BRIDGED, plan->answers->bridge);
  g_autofree char *nat = NULL;

  if (!check (connection, BRIDGED, bridged, error))
    return FALSE;
  /* A NAT network that is not wanted stays while guests use it. */
  if (!plan->answers->nat)
    return TRUE;
  nat = lodge_libvirt_nat_network_xml (NULL, NAT, plan->nat_network, error);
  return nat != NULL && check (connection, NAT, nat, error);
}

gboolean
lodge_step_guest_networks (LodgeStepContext *context, GError **error)
{
  g_autoptr (virConnect) connection = lodge_libvirt_open (context->cancellable, error);

  return connection != NULL && make_bridged (context, connection, error)
         && (context->plan->answers->nat ? make_nat : remove_nat) (context, connection, error);
}
