/* The plan of a change: what differs between what a host is and what is wanted, and no more.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/plan-choose.h"

#include "common/answers-table.h"
#include "common/error.h"

#include <string.h>

/* Which step a key that differs asks for.  [storage] is refused before; the other sections' keys
 * ask for nothing by themselves. */
static const struct
{
  const char *section;
  const char *key; /* NULL: every other of the section */
  const char *step;
} consequences[] = {
  { "host", NULL, "host" },
  { "network", "ntp", "host" },
  { "access", NULL, "access" },
  { "network", NULL, "network" },
  { "libvirt", "nat", "guest-networks" },
};

/* The order of step.c's table; a test compares the two.  What is not here is never taken. */
static const char *const order[] = { "host", "access", "network", "guest-networks" };

static const char *
step_of (const LodgeAnswerKey *row)
{
  for (gsize i = 0; i < G_N_ELEMENTS (consequences); i++)
    if (g_str_equal (consequences[i].section, row->section)
        && (consequences[i].key == NULL || g_str_equal (consequences[i].key, row->key)))
      return consequences[i].step;
  return NULL;
}

/* Keys that say nothing when they are not given: the steps leave such a setting alone. */
static gboolean
may_be_left_out (const LodgeAnswerKey *row)
{
  return g_str_equal (row->section, "host") || g_str_equal (row->key, "ntp")
         || g_str_equal (row->key, "root-password-hash") || g_str_equal (row->key, "ssh-keys");
}

/* Whether WANTED asks for another value of ROW than the host has. */
static gboolean
differs (const LodgeAnswerKey *row, const LodgeAnswers *present, const LodgeAnswers *wanted)
{
  g_autofree char *now = lodge_answer_key_format (row, present);
  g_autofree char *then = lodge_answer_key_format (row, wanted);

  return !g_str_equal (now, then) && !(then[0] == '\0' && may_be_left_out (row));
}

static void
take (GHashTable *steps, const char *step)
{
  g_hash_table_add (steps, (gpointer)step);
}

/* Collects the steps, and leaves out of the plan's answers what is as it should be. */
static void
compare (LodgePlan *plan, const LodgeAnswers *present, GHashTable *steps)
{
  gsize count;
  const LodgeAnswerKey *rows = lodge_answer_keys (&count);

  for (gsize i = 0; i < count; i++)
    {
      const char *step = step_of (&rows[i]);

      if (step == NULL || g_str_equal (rows[i].key, "port"))
        continue;
      if (differs (&rows[i], present, plan->answers))
        take (steps, step);
      else if (may_be_left_out (&rows[i]))
        lodge_answer_key_reset (&rows[i], plan->answers);
    }
  if (differs (lodge_answer_key_find ("network", "bridge"), present, plan->answers))
    take (steps, "guest-networks");
}

/* Addresses of the ports that the host's profiles are for. */
static GStrv
present_macs (const LodgeAnswers *present)
{
  GPtrArray *macs = g_ptr_array_new ();

  for (guint i = 0; i < present->ports->len; i++)
    {
      const LodgeSelector *selector = present->ports->pdata[i];

      if (selector->kind == LODGE_SELECT_MAC)
        g_ptr_array_add (macs, g_strdup (selector->value));
    }
  g_ptr_array_add (macs, NULL);
  return (GStrv)g_ptr_array_free (macs, FALSE);
}

/* The port is looked at only when it has to be: with its cable pulled out the host can still be
 * renamed. */
static gboolean
choose_port (LodgePlan *plan, const LodgeFacts *facts, const LodgePlanPresent *present,
             GHashTable *steps, GError **error)
{
  const LodgeAnswerKey *row = lodge_answer_key_find ("network", "port");
  g_auto (GStrv) macs = present_macs (present->answers);

  if (plan->answers->ports->len > 0 && !differs (row, present->answers, plan->answers)
      && !g_hash_table_contains (steps, "network"))
    {
      plan->port_names = g_strdupv (present->plan->port_names);
      plan->port_macs = g_steal_pointer (&macs);
      return TRUE;
    }
  if (!lodge_plan_choose_ports (plan, facts, error))
    return FALSE;
  if (!g_strv_equal ((const char *const *)plan->port_macs, (const char *const *)macs))
    take (steps, "network");
  return TRUE;
}

/* Where its addresses are the host's own, the NAT network moves; else it stays. */
static gboolean
choose_nat (LodgePlan *plan, const LodgeFacts *facts, const LodgePlanPresent *present,
            GHashTable *steps, GError **error)
{
  const LodgeAnswers *answers = plan->answers;

  if (!answers->nat)
    return TRUE;
  if (present->nat_network != NULL
      && (answers->address == NULL
          || !lodge_plan_networks_overlap (answers->address, present->nat_network)))
    {
      plan->nat_network = g_strdup (present->nat_network);
      return TRUE;
    }
  take (steps, "guest-networks");
  return lodge_plan_choose_nat_network (plan, facts, error);
}

/* Who reaches the host under them has to find it elsewhere. */
static GStrv
fixed_addresses_given_up (const LodgeAnswers *present, const LodgeAnswers *wanted)
{
  GPtrArray *list = g_ptr_array_new ();

  if (present->ipv4 == LODGE_IPV4_STATIC && wanted->ipv4 != LODGE_IPV4_STATIC)
    g_ptr_array_add (list, g_strdup (present->address));
  if (present->ipv6 == LODGE_IPV6_STATIC && wanted->ipv6 != LODGE_IPV6_STATIC)
    g_ptr_array_add (list, g_strdup (present->address6));
  if (list->len > 0)
    g_ptr_array_add (list, NULL);
  return (GStrv)g_ptr_array_free (list, FALSE);
}

static gboolean
plan_network (LodgePlan *plan, const LodgeFacts *facts, const LodgePlanPresent *present,
              GHashTable *steps, GError **error)
{
  if (!present->network_known)
    {
      if (g_hash_table_contains (steps, "network"))
        return lodge_error_set (
            error, LODGE_ERROR_REFUSED,
            "this host's network is not what Lodge made of it any more: change it with the tool "
            "that was used (nmcli)");
      plan->port_names = g_strdupv (present->plan->port_names);
      plan->port_macs = g_strdupv (present->plan->port_macs);
      return choose_nat (plan, facts, present, steps, error);
    }
  if (!choose_port (plan, facts, present, steps, error)
      || !choose_nat (plan, facts, present, steps, error))
    return FALSE;
  if (g_hash_table_contains (steps, "network"))
    plan->given_up = fixed_addresses_given_up (present->answers, plan->answers);
  if (g_hash_table_contains (steps, "network") && present->foreign[0] != NULL)
    plan->replaced = g_strdupv ((GStrv)present->foreign);
  return TRUE;
}

static GStrv
in_order (GHashTable *steps)
{
  GPtrArray *list = g_ptr_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    if (g_hash_table_contains (steps, order[i]))
      g_ptr_array_add (list, g_strdup (order[i]));
  g_ptr_array_add (list, NULL);
  return (GStrv)g_ptr_array_free (list, FALSE);
}

LodgePlan *
lodge_plan_change (const LodgeFacts *facts, const LodgePlanPresent *present,
                   const LodgeAnswers *wanted, GError **error)
{
  g_autoptr (GHashTable) steps = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (LodgePlan) plan = NULL;

  if (!lodge_plan_same_storage (wanted, present->answers))
    {
      lodge_error_set (error, LODGE_ERROR_REFUSED,
                       "the VM storage of a host that is set up is never changed: leave the "
                       "answers' [storage] section out");
      return NULL;
    }
  plan = lodge_plan_new (wanted, error);
  if (plan == NULL)
    return NULL;
  if (plan->answers->ports->len == 0)
    {
      const LodgeAnswerKey *row = lodge_answer_key_find ("network", "port");
      g_autofree char *port = lodge_answer_key_format (row, present->answers);

      if (port[0] != '\0' && !lodge_answer_key_parse (row, port, plan->answers, error))
        return NULL;
    }
  lodge_plan_copy_storage (plan, present->plan);
  plan->kvm = present->plan->kvm;
  plan->answers_given = TRUE;
  compare (plan, present->answers, steps);
  if (!plan_network (plan, facts, present, steps, error))
    return NULL;
  plan->steps = in_order (steps);
  return g_steal_pointer (&plan);
}

gboolean
lodge_plan_takes (const LodgePlan *plan, const char *step)
{
  return plan->steps == NULL || g_strv_contains ((const char *const *)plan->steps, step);
}
