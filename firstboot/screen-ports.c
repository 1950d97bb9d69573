/* Screen 5: the network port that carries the bridge, or several as a bond.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard.h"

#include "common/answers-table.h"
#include "firstboot/i18n.h"
#include "firstboot/plan-choose.h"
#include "firstboot/probe-host.h"
#include "firstboot/ui-text.h"

#include <string.h>

#define REFRESH_MILLISECONDS 1000

/* "link up at 1 Gbit/s": the end of what messages say of a port. */
static char *
link_words (const LodgePort *port)
{
  if (!port->carrier)
    return g_strdup (_ ("no link"));
  if (port->speed < 0)
    return g_strdup (_ ("link up"));
  if (port->speed % 1000 == 0)
    return g_strdup_printf (_ ("link up, %d Gbit/s"), port->speed / 1000);
  return g_strdup_printf (_ ("link up, %d Mbit/s"), port->speed);
}

static void
add_port (LodgeField *field, const LodgePort *port)
{
  g_autofree char *link = link_words (port);
  g_autofree char *name = lodge_text_pad (port->name, 14);
  g_autofree char *driver = lodge_text_pad (port->driver != NULL ? port->driver : "-", 14);
  g_autofree char *text = g_strdup_printf ("%s %s  %s %s", name, port->permanent_mac, driver, link);

  lodge_field_add_row (field, port->name, text, NULL, NULL);
}

static void
add_rows (LodgeField *field, const GPtrArray *ports)
{
  g_ptr_array_set_size (field->rows, 0);
  for (guint i = 0; i < ports->len; i++)
    add_port (field, ports->pdata[i]);
}

static gboolean
same_ports (const GPtrArray *a, const GPtrArray *b)
{
  gboolean same = a->len == b->len;

  for (guint i = 0; same && i < a->len; i++)
    {
      const LodgePort *x = a->pdata[i], *y = b->pdata[i];

      same = g_str_equal (x->name, y->name) && x->carrier == y->carrier && x->speed == y->speed;
    }
  return same;
}

/* A bond is made of several. */
static gboolean
can_bond (const LodgeWizard *wizard)
{
  return wizard->facts->ports->len > 1;
}

/* A cable that is plugged in shows at once: the easiest way to tell which port is which. */
static gboolean
refresh (LodgeForm *form, gpointer data)
{
  LodgeWizard *wizard = data;
  LodgeField *field = lodge_form_field (form, "port");
  GPtrArray *now = lodge_ports_read (&wizard->probe);
  g_autofree char *marked = g_strdup (field->value);
  g_auto (GStrv) ids = g_strsplit (marked, ";", -1);

  if (same_ports (now, wizard->facts->ports))
    {
      g_ptr_array_unref (now);
      return FALSE;
    }
  g_ptr_array_unref (wizard->facts->ports);
  wizard->facts->ports = now;
  add_rows (field, now);
  lodge_field_set_value (field, "");
  for (guint i = 0; ids[i] != NULL; i++)
    if (ids[i][0] != '\0' && lodge_field_row (field, ids[i]) != NULL)
      lodge_field_toggle (field, ids[i]);
  /* The form is made anew, with the bond or without. */
  form->ended = can_bond (wizard) != (lodge_form_field (form, "bond") != NULL);
  return TRUE;
}

static const char *
suggest (const GPtrArray *ports)
{
  const char *found = NULL;

  for (guint i = 0; i < ports->len; i++)
    {
      const LodgePort *port = ports->pdata[i];

      if (port->carrier && found != NULL)
        return NULL;
      if (port->carrier)
        found = port->name;
    }
  return found;
}

/* The ports of the answers, when there are any; else the only one with a link. */
static void
mark_first (const LodgeWizard *wizard, LodgeField *field)
{
  const GPtrArray *ports = wizard->facts->ports;

  for (guint i = 0; i < ports->len; i++)
    for (guint j = 0; j < wizard->answers->ports->len; j++)
      {
        const LodgePort *port = ports->pdata[i];

        if (lodge_port_matches (port, wizard->answers->ports->pdata[j])
            && !lodge_field_has (field, port->name))
          lodge_field_toggle (field, port->name);
      }
  if (field->value[0] == '\0' && suggest (ports) != NULL)
    lodge_field_set_value (field, suggest (ports));
}

static void
add_bond (LodgeForm *form, const char *given)
{
  static const char *const modes[] = { "active-backup", "802.3ad", "balance-xor" };
  LodgeField *field = lodge_form_add (form, LODGE_FIELD_RADIO, "bond", _ ("Bond"), modes[0]);

  if (given != NULL)
    lodge_field_set_value (field, given);
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    lodge_field_add_row (field, modes[i], modes[i], NULL, NULL);
  /* What unattended answers may ask for, too. */
  if (given != NULL && lodge_field_row (field, given) == NULL)
    lodge_field_add_row (field, given, given, NULL, NULL);
  field->when = "port";
  field->when_values = "2";
}

static LodgeForm *
make (LodgeWizard *wizard)
{
  LodgeForm *form = lodge_form_new ("ports", _ ("Network port for the bridge"));
  gboolean vmware = g_strcmp0 (wizard->facts->host->hypervisor, "vmware") == 0;
  LodgeField *field;

  form->text = g_strconcat (
      can_bond (wizard)
          ? _ ("Which port connects this host and its guests to the network?  Space marks it; mark "
               "several for a bond.  The link is shown as it is now: pull a cable to see which is "
               "which.")
          : _ ("Which port connects this host and its guests to the network?  Space marks it.  A "
               "bond needs two ports at least.  The link is shown as it is now."),
      vmware ? _ ("\nOn VMware, guests on the bridge only work when the port group accepts "
                  "promiscuous mode and forged transmits.")
             : NULL,
      NULL);
  field = lodge_form_add (form, LODGE_FIELD_MARKS, "port", NULL, NULL);
  field->height = 8;
  add_rows (field, wizard->facts->ports);
  mark_first (wizard, field);
  if (can_bond (wizard))
    add_bond (form, wizard->answers->bond);
  lodge_form_add_back_and_next (form);
  form->refresh = refresh;
  form->interval = REFRESH_MILLISECONDS;
  form->data = wizard;
  form->help = g_strdup (
      _ ("The port becomes part of a bridge, a switch inside this host that guests are plugged "
         "into.  The bridge takes over the port's hardware address, so a DHCP server gives the "
         "same address as before.\n\nSeveral ports make a bond.  active-backup works with every "
         "switch; 802.3ad needs a switch that is set up for it (LACP), balance-xor a static "
         "channel.\n\nWithout a link a port cannot be used: plug in its cable, or connect the "
         "virtual machine's adapter."));
  return form;
}

static void
take_ports (LodgeWizard *wizard, const LodgeField *field)
{
  const LodgeAnswerKey *row = lodge_answer_key_find ("network", "port");
  g_autoptr (GString) list = g_string_new (NULL);
  g_autoptr (GError) problem = NULL;

  for (guint i = 0; i < wizard->facts->ports->len; i++)
    {
      const LodgePort *port = wizard->facts->ports->pdata[i];

      if (lodge_field_has (field, port->name))
        g_string_append_printf (list, "%smac:%s", list->len > 0 ? ";" : "", port->permanent_mac);
    }
  /* A name of a port that has no address of its own cannot change while we run. */
  if (!lodge_answer_key_parse (row, list->str, wizard->answers, NULL))
    {
      g_autofree char *names = g_strdup (field->value);
      g_auto (GStrv) words = g_strsplit (names, ";", -1);
      g_autofree char *joined = g_strjoinv (";name:", words);
      g_autofree char *text = g_strconcat ("name:", joined, NULL);

      lodge_answer_key_parse (row, text, wizard->answers, &problem);
      g_assert_no_error (problem);
    }
}

/* Whether ANSWERS name PORT. */
static gboolean
is_named (const LodgeAnswers *answers, const LodgePort *port)
{
  for (guint i = 0; i < answers->ports->len; i++)
    if (lodge_port_matches (port, answers->ports->pdata[i]))
      return TRUE;
  return FALSE;
}

/* Whether just the ports are marked that the bridge of the host has. */
static gboolean
are_present (const LodgeWizard *wizard, const LodgeField *field)
{
  if (wizard->present == NULL)
    return FALSE;
  for (guint i = 0; i < wizard->facts->ports->len; i++)
    {
      const LodgePort *port = wizard->facts->ports->pdata[i];

      if (is_named (wizard->present->answers, port) != lodge_field_has (field, port->name))
        return FALSE;
    }
  return TRUE;
}

/* Keeps the ports as the host has them: in their order, and one in a bond of its own. */
static gboolean
keep_ports (LodgeWizard *wizard, LodgeForm *form, gboolean several)
{
  const LodgeAnswers *present = wizard->present->answers;
  const LodgeAnswerKey *row = lodge_answer_key_find ("network", "port");
  g_autofree char *ports = lodge_answer_key_format (row, present);
  g_autoptr (GError) problem = NULL;

  g_free (wizard->answers->bond);
  wizard->answers->bond = g_strdup (several ? lodge_form_value (form, "bond") : present->bond);
  lodge_answer_key_parse (row, ports, wizard->answers, &problem);
  return lodge_form_accept_or_complain (form, "port", &problem);
}

static gboolean
accept (LodgeWizard *wizard, LodgeForm *form)
{
  const LodgeField *field = lodge_form_field (form, "port");
  gboolean several = strchr (field->value, ';') != NULL;
  g_autoptr (LodgePlan) plan = g_new0 (LodgePlan, 1);
  g_autoptr (GError) problem = NULL;

  if (field->value[0] == '\0')
    {
      lodge_form_complain (form, "port",
                           wizard->facts->ports->len == 0
                               ? _ ("This machine has no network port that Linux has a driver for: "
                                    "add one and start anew.")
                               : _ ("Mark a port with Space."));
      return FALSE;
    }
  /* The port that the bridge has may be without its cable while something else is changed. */
  if (are_present (wizard, field))
    return keep_ports (wizard, form, several);
  take_ports (wizard, field);
  g_free (wizard->answers->bond);
  wizard->answers->bond = several ? g_strdup (lodge_form_value (form, "bond")) : NULL;
  plan->answers = lodge_wizard_copy_answers (wizard, &problem);
  plan->disks = g_ptr_array_new ();
  if (plan->answers != NULL)
    lodge_plan_choose_ports (plan, wizard->facts, &problem);
  return lodge_form_accept_or_complain (form, "port", &problem);
}

static LodgeMove
press (LodgeWizard *wizard, LodgeForm *form, const char *button, GError **error)
{
  (void)wizard;
  (void)form;
  (void)button;
  (void)error;
  return LODGE_MOVE_AGAIN;
}

const LodgeScreen lodge_screen_ports = {
  .id = "ports", .skip = lodge_wizard_leaves_network, .make = make, .accept = accept, .press = press
};
