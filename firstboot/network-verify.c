/* Is the bridge what the answers ask for, and does its gateway answer?
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-verify.h"

#include <string.h>
#include "common/error.h"
#include "firstboot/neighbour.h"
#include "firstboot/i18n.h"

#define GATEWAY_MILLISECONDS 10000

typedef struct
{
  LodgeNetworkSession *session;
  const LodgeAnswers *answers;
} Wanted;

static NMIPConfig *
ip_config (const Wanted *wanted, int family)
{
  NMDevice *bridge
      = nm_client_get_device_by_iface (wanted->session->client, wanted->answers->bridge);

  if (bridge == NULL)
    return NULL;
  return family == AF_INET ? nm_device_get_ip4_config (bridge) : nm_device_get_ip6_config (bridge);
}

static gboolean
same_address (const char *a, const char *b)
{
  g_autoptr (GInetAddress) first = a != NULL ? g_inet_address_new_from_string (a) : NULL;
  g_autoptr (GInetAddress) second = b != NULL ? g_inet_address_new_from_string (b) : NULL;

  return first != NULL && second != NULL && g_inet_address_equal (first, second);
}

/* Whether CONFIG has an address of more than this link; with TEXT ("192.0.2.10/24") that very one.
 */
static gboolean
has_address (NMIPConfig *config, const char *text)
{
  GPtrArray *addresses = config != NULL ? nm_ip_config_get_addresses (config) : NULL;
  g_auto (GStrv) parts = text != NULL ? g_strsplit (text, "/", 2) : NULL;

  for (guint i = 0; addresses != NULL && i < addresses->len; i++)
    {
      const char *address = nm_ip_address_get_address (addresses->pdata[i]);

      if (parts != NULL ? same_address (address, parts[0]) : !g_str_has_prefix (address, "fe80:"))
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_gateway (NMIPConfig *config, const char *text)
{
  return text == NULL || (config != NULL && same_address (nm_ip_config_get_gateway (config), text));
}

static gboolean
ipv6_is_needed (const LodgeAnswers *answers)
{
  return answers->ipv6 != LODGE_IPV6_OFF
         && (answers->ipv6 != LODGE_IPV6_AUTO || answers->ipv4 == LODGE_IPV4_OFF);
}

static gboolean
ipv4_is_there (gpointer data)
{
  const Wanted *wanted = data;
  const LodgeAnswers *answers = wanted->answers;
  gboolean is_static = answers->ipv4 == LODGE_IPV4_STATIC;
  NMIPConfig *config = ip_config (wanted, AF_INET);

  return answers->ipv4 == LODGE_IPV4_OFF
         || (has_address (config, is_static ? answers->address : NULL)
             && has_gateway (config, is_static ? answers->gateway : NULL));
}

static gboolean
ipv6_is_there (gpointer data)
{
  const Wanted *wanted = data;
  const LodgeAnswers *answers = wanted->answers;
  gboolean is_static = answers->ipv6 == LODGE_IPV6_STATIC;
  NMIPConfig *config = ip_config (wanted, AF_INET6);

  return !ipv6_is_needed (answers)
         || (has_address (config, is_static ? answers->address6 : NULL)
             && has_gateway (config, is_static ? answers->gateway6 : NULL));
}

static void
measure_addresses (const Wanted *wanted, LodgeStepContext *context)
{
  JsonArray *array = json_array_new ();

  for (int i = 0; i < 2; i++)
    {
      NMIPConfig *config = ip_config (wanted, i == 0 ? AF_INET : AF_INET6);
      GPtrArray *addresses = config != NULL ? nm_ip_config_get_addresses (config) : NULL;

      for (guint j = 0; addresses != NULL && j < addresses->len; j++)
        {
          g_autofree char *text
              = g_strdup_printf ("%s/%u", nm_ip_address_get_address (addresses->pdata[j]),
                                 nm_ip_address_get_prefix (addresses->pdata[j]));

          json_array_add_string_element (array, text);
        }
    }
  json_object_set_array_member (context->measured, "addresses", array);
}

static char *
join_addresses (LodgeStepContext *context)
{
  JsonArray *array = json_object_get_array_member (context->measured, "addresses");
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      const char *address = json_array_get_string_element (array, i);

      if (!g_str_has_prefix (address, "fe80:"))
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", address);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Asks GATEWAY; silence is an error when FATAL, else told. */
static gboolean
check_gateway (LodgeStepContext *context, const char *bridge, const char *gateway, gboolean fatal,
               guint *elapsed, GError **error)
{
  gboolean answered;
  g_autofree char *line = NULL;

  if (!lodge_neighbour_answers (bridge, gateway, GATEWAY_MILLISECONDS, context->cancellable,
                                &answered, elapsed, error))
    {
      g_prefix_error (error, N_ ("cannot check the gateway %s: "), gateway);
      return FALSE;
    }
  if (answered)
    return TRUE;
  line = g_strdup_printf (
      N_ ("the gateway %s does not answer on %s within %d s (%s); check the address "
          "and what the port is plugged into"),
      gateway, bridge, GATEWAY_MILLISECONDS / 1000,
      strchr (gateway, ':') != NULL ? "neighbour discovery" : "ARP");
  if (fatal)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s", line);
  context->tell (line, context->tell_data);
  return TRUE;
}

gboolean
lodge_network_verify (LodgeNetworkSession *session, LodgeStepContext *context, guint seconds,
                      GError **error)
{
  const LodgeAnswers *answers = context->plan->answers;
  Wanted wanted = { session, answers };
  gint64 begin = g_get_monotonic_time ();
  const char *gateway = NULL;
  const char *gateway6 = NULL;
  guint elapsed = 0;
  g_autofree char *line = NULL;
  g_autofree char *addresses = NULL;

  for (int i = 0; i < 2; i++)
    {
      guint used = (guint)((g_get_monotonic_time () - begin) / G_USEC_PER_SEC);

      if (lodge_network_wait (session, used < seconds ? seconds - used : 0, context->cancellable,
                              i == 0 ? ipv4_is_there : ipv6_is_there, &wanted))
        continue;
      if (g_cancellable_set_error_if_cancelled (context->cancellable, error))
        return FALSE;
      return lodge_error_set (error, LODGE_ERROR_FAILED,
                              N_ ("%s has not got the %s address and gateway that were asked for"),
                              answers->bridge, i == 0 ? "IPv4" : "IPv6");
    }
  measure_addresses (&wanted, context);
  if (answers->ipv4 != LODGE_IPV4_OFF)
    gateway = nm_ip_config_get_gateway (ip_config (&wanted, AF_INET));
  if (answers->ipv6 != LODGE_IPV6_OFF && ip_config (&wanted, AF_INET6) != NULL)
    gateway6 = nm_ip_config_get_gateway (ip_config (&wanted, AF_INET6));

  if (gateway6 != NULL)
    {
      json_object_set_string_member (context->measured, "gateway6", gateway6);
      if (!check_gateway (context, answers->bridge, gateway6, ipv6_is_needed (answers), &elapsed,
                          error))
        return FALSE;
    }
  if (gateway != NULL)
    {
      json_object_set_string_member (context->measured, "gateway", gateway);
      if (!check_gateway (context, answers->bridge, gateway, TRUE, &elapsed, error))
        return FALSE;
    }
  addresses = join_addresses (context);
  if (gateway != NULL || gateway6 != NULL)
    {
      json_object_set_int_member (context->measured, "gateway_ms", elapsed);
      line = g_strdup_printf ("%s: %s, gateway %s answers", answers->bridge, addresses,
                              gateway != NULL ? gateway : gateway6);
    }
  else
    line = g_strdup_printf ("%s: %s, no gateway on this network: only it can be reached",
                            answers->bridge, *addresses != '\0' ? addresses : "no address");
  context->tell (line, context->tell_data);
  return TRUE;
}
