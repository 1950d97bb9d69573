/* Screen 6: the bridge and its addresses.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard.h"

#include "firstboot/change.h"
#include "firstboot/i18n.h"
#include "firstboot/plan-choose.h"

typedef struct
{
  const char *id;
  const char *text;
} Choice;

static LodgeField *
add_choice (LodgeForm *form, const char *name, const char *label, const Choice *choices,
            const LodgeAnswers *answers)
{
  LodgeField *field = lodge_form_add_answer (form, LODGE_FIELD_RADIO, name, label, answers);

  for (gsize i = 0; choices[i].id != NULL; i++)
    lodge_field_add_row (field, choices[i].id, _ (choices[i].text), NULL, NULL);
  return field;
}

static void
add_text (LodgeForm *form, const char *name, const char *label, guint width, const char *when,
          const char *when_values, const LodgeAnswers *answers)
{
  LodgeField *field = lodge_form_add_answer (form, LODGE_FIELD_TEXT, name, label, answers);

  field->width = width;
  field->when = when;
  field->when_values = when_values;
}

static LodgeForm *
make (LodgeWizard *wizard)
{
  static const Choice ipv4[]
      = { { "dhcp", N_ ("DHCP") }, { "static", N_ ("fixed") }, { "off", N_ ("none") }, { NULL } };
  static const Choice ipv6[] = { { "auto", N_ ("automatic") },
                                 { "dhcp", N_ ("DHCPv6") },
                                 { "static", N_ ("fixed") },
                                 { "off", N_ ("none") },
                                 { NULL } };
  LodgeForm *form = lodge_form_new ("address", _ ("Bridge and addresses of this host"));
  const LodgeAnswers *answers = wizard->answers;

  form->text = g_strdup (_ ("DHCP is right on most networks.  A fixed address is written with the "
                            "length of its network prefix, as 192.0.2.10/24."));
  add_text (form, "network.bridge", _ ("Bridge"), 17, NULL, NULL, answers);
  add_text (form, "network.vlan", _ ("VLAN (empty: none)"), 6, NULL, NULL, answers);
  add_choice (form, "network.ipv4", _ ("IPv4"), ipv4, answers);
  add_text (form, "network.address", _ ("IPv4 address"), 20, "ipv4", "static", answers);
  add_text (form, "network.gateway", _ ("IPv4 gateway"), 20, "ipv4", "static", answers);
  add_choice (form, "network.ipv6", _ ("IPv6"), ipv6, answers);
  add_text (form, "network.address6", _ ("IPv6 address"), 44, "ipv6", "static", answers);
  add_text (form, "network.gateway6", _ ("IPv6 gateway"), 44, "ipv6", "static", answers);
  add_text (form, "network.dns", _ ("Name servers"), 44, NULL, NULL, answers);
  add_text (form, "network.search", _ ("Search domains"), 44, NULL, NULL, answers);
  lodge_form_add_back_and_next (form);
  form->help = g_strdup (
      _ ("Left and Right move between choices in a line, Space chooses.  Fields that the choice "
         "does not need are skipped.\n\nVLAN is the number (1 to 4094) of a tagged network on the "
         "switch's port; the host and its bridged guests are then on that network.\n\nSeveral name "
         "servers or domains are written with blanks or \";\" between them.  With DHCP they may "
         "stay empty: "
         "the server tells them.\n\nWhen the new address or gateway does not work, the network is "
         "put back as it is now and you are brought back here."));
  return form;
}

/* In the words of the screen, where the rules for answers.conf have those of the file. */
static gboolean
has_fixed_addresses (LodgeForm *form)
{
  static const struct
  {
    const char *method;
    const char *address;
    const char *complaint;
  } fixed[] = {
    { "ipv4", "address", N_ ("A fixed IPv4 address is missing, such as 192.0.2.10/24.") },
    { "ipv6", "address6", N_ ("A fixed IPv6 address is missing, such as 2001:db8::10/64.") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (fixed); i++)
    {
      g_autofree char *address = g_strstrip (g_strdup (lodge_form_value (form, fixed[i].address)));

      if (!g_str_equal (lodge_form_value (form, fixed[i].method), "static") || address[0] != '\0')
        continue;
      lodge_form_complain (form, fixed[i].address, _ (fixed[i].complaint));
      return FALSE;
    }
  return TRUE;
}

static gboolean
accept (LodgeWizard *wizard, LodgeForm *form)
{
  g_autoptr (LodgePlan) plan = NULL;
  g_autoptr (GError) problem = NULL;

  if (!has_fixed_addresses (form) || !lodge_form_take_answers (form, "network", wizard->answers))
    return FALSE;
  if (wizard->present != NULL)
    {
      plan = lodge_change_plan (wizard->facts, wizard->present, wizard->answers, &problem);
      return plan != NULL || lodge_form_accept_or_complain (form, "bridge", &problem);
    }
  plan = g_new0 (LodgePlan, 1);
  plan->answers = lodge_wizard_copy_answers (wizard, &problem);
  plan->disks = g_ptr_array_new ();
  /* The bridge must not be called as a port is. */
  if (plan->answers != NULL && lodge_plan_choose_ports (plan, wizard->facts, &problem))
    lodge_plan_choose_nat_network (plan, wizard->facts, &problem);
  return lodge_form_accept_or_complain (form, "bridge", &problem);
}

const LodgeScreen lodge_screen_address = { .id = "address",
                                           .skip = lodge_wizard_leaves_network,
                                           .steps = "network;guest-networks",
                                           .make = make,
                                           .accept = accept };
