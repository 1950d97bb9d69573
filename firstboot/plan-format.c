/* The plan as sentences.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In the wizard's language; the report's are English, as the process that writes it never leaves
 * it.
 */
#include "firstboot/plan.h"

#include "common/syntax.h"
#include "firstboot/i18n.h"
#include "firstboot/layout.h"
#include "firstboot/planned-disk.h"
#include "firstboot/step.h"

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
    add_line (text, _ ("Set the host name to %s."), answers->hostname);
  if (answers->timezone != NULL)
    add_line (text, _ ("Set the time zone to %s."), answers->timezone);
  if (answers->keyboard != NULL)
    add_line (text, _ ("Set the console keymap to %s."), answers->keyboard);
  if (answers->language != NULL)
    add_line (text, _ ("Set the language to %s."), answers->language);
  if (answers->ntp[0] != NULL)
    {
      g_autofree char *list = g_strjoinv (", ", answers->ntp);
      add_line (text, _ ("Take the time from %s."), list);
    }
}

static void
describe_access (GString *text, const LodgeAnswers *answers)
{
  guint keys = g_strv_length (answers->ssh_keys);

  if (answers->root_password_hash != NULL)
    add_line (text, _ ("Set root's password (given as a hash)."));
  if (keys == 1)
    add_line (text, _ ("Let 1 SSH key log in as root."));
  else if (keys > 1)
    add_line (text, _ ("Let %u SSH keys log in as root."), keys);
  add_line (text, answers->ssh_password_login ? _ ("Turn SSH login with a password on.")
                                              : _ ("Turn SSH login with a password off."));
}

static void
describe_storage (GString *text, const LodgePlan *plan)
{
  const LodgeLayout *layout = lodge_layout_find (plan->answers->layout);
  g_autofree char *sentence = layout != NULL ? layout->describe (plan) : NULL;

  if (sentence != NULL)
    add_line (text, _ ("%s."), sentence);
}

/* "enp1s0 (52:54:00:12:34:56), enp2s0 (…)" */
static char *
list_ports (const LodgePlan *plan)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; plan->port_names[i] != NULL; i++)
    g_string_append_printf (list, "%s%s (%s)", i > 0 ? ", " : "", plan->port_names[i],
                            plan->port_macs[i]);
  return g_string_free (list, FALSE);
}

static void
describe_network (GString *text, const LodgePlan *plan)
{
  const LodgeAnswers *answers = plan->answers;
  g_autofree char *ports = list_ports (plan);

  if (answers->bond != NULL)
    add_line (text, _ ("Make the bridge %s over a bond (%s) of %s."), answers->bridge,
              answers->bond, ports);
  else
    add_line (text, _ ("Make the bridge %s over %s."), answers->bridge, ports);
  if (answers->vlan > 0)
    add_line (text, _ ("Use VLAN %u."), answers->vlan);
  if (answers->mtu > 0)
    add_line (text, _ ("Set the MTU to %u bytes."), answers->mtu);

  if (answers->ipv4 == LODGE_IPV4_DHCP)
    add_line (text, _ ("Take the IPv4 address from DHCP."));
  else if (answers->ipv4 == LODGE_IPV4_OFF)
    add_line (text, _ ("Use no IPv4 address."));
  else if (answers->gateway != NULL)
    add_line (text, _ ("Set the IPv4 address %s, gateway %s."), answers->address, answers->gateway);
  else
    add_line (text, _ ("Set the IPv4 address %s."), answers->address);

  if (answers->ipv6 == LODGE_IPV6_AUTO)
    add_line (text, _ ("Take the IPv6 address from router advertisements."));
  else if (answers->ipv6 == LODGE_IPV6_DHCP)
    add_line (text, _ ("Take the IPv6 address from DHCPv6."));
  else if (answers->ipv6 == LODGE_IPV6_OFF)
    add_line (text, _ ("Use no IPv6 address."));
  else if (answers->gateway6 != NULL)
    add_line (text, _ ("Set the IPv6 address %s, gateway %s."), answers->address6,
              answers->gateway6);
  else
    add_line (text, _ ("Set the IPv6 address %s."), answers->address6);

  if (answers->dns[0] != NULL)
    {
      g_autofree char *list = g_strjoinv (", ", answers->dns);
      add_line (text, _ ("Ask the name servers %s."), list);
    }
  if (answers->search[0] != NULL)
    {
      g_autofree char *list = g_strjoinv (", ", answers->search);
      add_line (text, _ ("Search the domains %s."), list);
    }
}

static void
describe_guest_networks (GString *text, const LodgePlan *plan)
{
  add_line (text, _ ("Define the guests' network \"bridge\" on %s."), plan->answers->bridge);
  if (plan->nat_network != NULL)
    add_line (text, _ ("Define the guests' network \"default\", NAT on %s."), plan->nat_network);
}

static void
describe_proof (GString *text, const LodgePlan *plan)
{
  if (!plan->answers->proof)
    add_line (text, _ ("Start no guest to prove it."));
  else if (plan->kvm)
    add_line (text, _ ("Start a throw-away guest to prove it, with KVM."));
  else
    add_line (text,
              _ ("Start a throw-away guest to prove it, in emulation, as KVM cannot be used."));
}

static void
describe_finish (GString *text, const LodgeAnswers *answers)
{
  if (answers->webhook != NULL)
    {
      g_autofree char *shown = lodge_url_to_show (answers->webhook);

      add_line (text, _ ("Tell %s how it went."), shown);
    }
  if (answers->action == LODGE_FINISH_REBOOT)
    add_line (text, _ ("Reboot."));
  else if (answers->action == LODGE_FINISH_POWEROFF)
    add_line (text, _ ("Power off."));
}

static void
describe_change (GString *text, const LodgePlan *plan)
{
  if (plan->steps[0] == NULL)
    {
      add_line (text, _ ("Nothing to change."));
      return;
    }
  if (lodge_plan_takes (plan, "host"))
    describe_host (text, plan->answers);
  if (lodge_plan_takes (plan, "access"))
    describe_access (text, plan->answers);
  if (lodge_plan_takes (plan, "network"))
    {
      describe_network (text, plan);
      if (plan->given_up != NULL)
        {
          g_autofree char *list = g_strjoinv (", ", plan->given_up);
          add_line (text, _ ("Give up the fixed address that the host has now: %s."), list);
        }
      add_line (text, _ ("Put the network back as it is now when that does not work."));
    }
  if (plan->replaced != NULL)
    {
      g_autofree char *list = g_strjoinv (", ", plan->replaced);
      add_line (text, _ ("Lose these settings of the bridge, which were made by hand: %s."), list);
    }
  if (lodge_plan_takes (plan, "guest-networks"))
    {
      if (plan->answers->nat)
        describe_guest_networks (text, plan);
      else
        add_line (text, _ ("Remove the guests' network \"default\"."));
      add_line (text, _ ("Refuse when running guests are plugged into one that changes."));
    }
  add_line (text, _ ("Leave all else as it is, the VM storage and the virtual machines too."));
  describe_finish (text, plan->answers);
}

/* --- a setup that goes on --- */

/* What was made of which disks is what nobody may be left to wonder about. */
static void
describe_kept_storage (GString *text, const LodgePlan *plan)
{
  g_autoptr (GString) disks = g_string_new (NULL);

  for (guint i = 0; i < plan->disks->len; i++)
    {
      g_autofree char *name = lodge_planned_disk_describe (plan->disks->pdata[i]);
      g_string_append_printf (disks, "%s%s", i > 0 ? ", " : "", name);
    }
  if (disks->len > 0)
    add_line (text, _ ("Keep the VM storage that was made already, on %s: nothing is erased."),
              disks->str);
}

static void
describe_done (GString *text, const char *const *done)
{
  g_autoptr (GString) titles = g_string_new (NULL);
  gsize count;
  const LodgeStep *steps = lodge_steps (&count);

  for (gsize i = 0; i < count; i++)
    if (g_strv_contains (done, steps[i].id))
      g_string_append_printf (titles, "%s%s", titles->len > 0 ? "; " : "",
                              lodge_step_title (steps[i].id));
  if (titles->len > 0)
    add_line (text, _ ("Done already, and not done again: %s."), titles->str);
}

char *
lodge_plan_describe_rest (const LodgePlan *plan, const char *const *done)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (plan->steps != NULL)
    {
      describe_change (text, plan);
      return g_strdup (text->str);
    }
  describe_done (text, done);
  if (!g_strv_contains (done, "host"))
    describe_host (text, plan->answers);
  if (!g_strv_contains (done, "access"))
    describe_access (text, plan->answers);
  if (g_strv_contains (done, "storage"))
    describe_kept_storage (text, plan);
  else
    describe_storage (text, plan);
  if (!g_strv_contains (done, "network"))
    describe_network (text, plan);
  if (!g_strv_contains (done, "libvirt"))
    add_line (text, _ ("Switch libvirt on."));
  if (!g_strv_contains (done, "pool") && plan->answers->layout != LODGE_LAYOUT_NONE)
    add_line (text, _ ("Define the storage pool \"default\"."));
  if (!g_strv_contains (done, "guest-networks"))
    describe_guest_networks (text, plan);
  if (!g_strv_contains (done, "proof"))
    describe_proof (text, plan);
  describe_finish (text, plan->answers);
  return g_strdup (text->str);
}

char *
lodge_plan_describe (const LodgePlan *plan)
{
  static const char *const none[] = { NULL };

  return lodge_plan_describe_rest (plan, none);
}
