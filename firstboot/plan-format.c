/* The plan as sentences.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/plan.h"

#include "firstboot/layout.h"

static void add_line (GString *text, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add_line (GString *text, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_string_append_vprintf (text, format, arguments);
  va_end (arguments);
  g_string_append_c (text, '\n');
}

static void
describe_host (GString *text, const LodgeAnswers *answers)
{
  if (answers->hostname != NULL)
    add_line (text, "Set the host name to %s.", answers->hostname);
  if (answers->timezone != NULL)
    add_line (text, "Set the time zone to %s.", answers->timezone);
  if (answers->keyboard != NULL)
    add_line (text, "Set the console keymap to %s.", answers->keyboard);
  if (answers->language != NULL)
    add_line (text, "Set the language to %s.", answers->language);
  if (answers->ntp[0] != NULL)
    {
      g_autofree char *servers = g_strjoinv (", ", answers->ntp);
      add_line (text, "Take the time from %s.", servers);
    }
}

static void
describe_access (GString *text, const LodgeAnswers *answers)
{
  guint keys = g_strv_length (answers->ssh_keys);

  if (answers->root_password_hash != NULL)
    add_line (text, "Set root's password (given as a hash).");
  if (keys > 0)
    add_line (text, "Let %u SSH key%s log in as root.", keys, keys == 1 ? "" : "s");
  add_line (text, "Turn SSH login with a password %s.", answers->ssh_password_login ? "on" : "off");
}

static void
describe_storage (GString *text, const LodgePlan *plan)
{
  const LodgeLayout *layout = lodge_layout_find (plan->answers->layout);
  g_autofree char *sentence = layout != NULL ? layout->describe (plan) : NULL;

  if (sentence != NULL)
    add_line (text, "%s.", sentence);
}

static void
describe_network (GString *text, const LodgePlan *plan)
{
  const LodgeAnswers *answers = plan->answers;

  add_line (text, "Make the bridge %s over %s (%s).", answers->bridge, plan->port_name,
            plan->port_mac);
  if (answers->bond != NULL)
    add_line (text, "Make the port a bond, %s.", answers->bond);
  if (answers->vlan > 0)
    add_line (text, "Use VLAN %u.", answers->vlan);
  if (answers->mtu > 0)
    add_line (text, "Set the MTU to %u bytes.", answers->mtu);

  if (answers->ipv4 == LODGE_IPV4_DHCP)
    add_line (text, "Take the IPv4 address from DHCP.");
  else if (answers->ipv4 == LODGE_IPV4_OFF)
    add_line (text, "Use no IPv4 address.");
  else
    add_line (text, "Set the IPv4 address %s%s%s.", answers->address,
              answers->gateway ? ", gateway " : "", answers->gateway ? answers->gateway : "");

  if (answers->ipv6 == LODGE_IPV6_AUTO)
    add_line (text, "Take the IPv6 address from router advertisements.");
  else if (answers->ipv6 == LODGE_IPV6_DHCP)
    add_line (text, "Take the IPv6 address from DHCPv6.");
  else if (answers->ipv6 == LODGE_IPV6_OFF)
    add_line (text, "Use no IPv6 address.");
  else
    add_line (text, "Set the IPv6 address %s%s%s.", answers->address6,
              answers->gateway6 ? ", gateway " : "", answers->gateway6 ? answers->gateway6 : "");

  if (answers->dns[0] != NULL)
    {
      g_autofree char *servers = g_strjoinv (", ", answers->dns);
      add_line (text, "Ask the name servers %s.", servers);
    }
  if (answers->search[0] != NULL)
    {
      g_autofree char *domains = g_strjoinv (", ", answers->search);
      add_line (text, "Search the domains %s.", domains);
    }
}

static void
describe_libvirt (GString *text, const LodgePlan *plan)
{
  const LodgeAnswers *answers = plan->answers;
  const char *accelerator = plan->kvm ? "with KVM" : "in emulation, as KVM cannot be used";

  add_line (text, "Switch libvirt on.");
  if (answers->layout != LODGE_LAYOUT_NONE)
    add_line (text, "Define the storage pool \"default\".");
  add_line (text, "Define the guests' network \"bridge\" on %s.", answers->bridge);
  if (plan->nat_network != NULL)
    add_line (text, "Define the guests' network \"default\", NAT on %s.", plan->nat_network);
  if (answers->proof)
    add_line (text, "Start a throw-away guest to prove it, %s.", accelerator);
  else
    add_line (text, "Start no guest to prove it.");
}

static void
describe_finish (GString *text, const LodgeAnswers *answers)
{
  if (answers->webhook != NULL)
    add_line (text, "Tell %s how it went.", answers->webhook);
  if (answers->action == LODGE_FINISH_REBOOT)
    add_line (text, "Reboot.");
  else if (answers->action == LODGE_FINISH_POWEROFF)
    add_line (text, "Power off.");
}

char *
lodge_plan_describe (const LodgePlan *plan)
{
  g_autoptr (GString) text = g_string_new (NULL);

  describe_host (text, plan->answers);
  describe_access (text, plan->answers);
  describe_storage (text, plan);
  describe_network (text, plan);
  describe_libvirt (text, plan);
  describe_finish (text, plan->answers);
  return g_strdup (text->str);
}
