/* Plans of changes: golden files of what differs, and that storage is never among it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "firstboot/step.h"
#include "tests/unit/made-up-facts.h"
#include "tests/unit/network-golden.h"

/* What the host is: set up with DHCP on enp1s0 and the blank disk vda. */
#define HOST "[host]\nhostname=kvm1\ntimezone=UTC\nkeyboard=us\n[storage]\ndisks=serial:S1\n"
#define NETWORK "[network]\nport=mac:52:54:00:00:00:01\n"
#define BOND "[network]\nport=mac:52:54:00:00:00:01;mac:52:54:00:00:00:02\nbond=active-backup\n"

typedef struct
{
  const char *name;
  const char *present; /* after HOST */
  const char *wanted;  /* the whole of it */
  const char *nat;     /* the host's NAT network */
  const char *foreign; /* or NULL */
  gboolean unknown;    /* the network was made by other tools */
} Case;

static const Case cases[] = {
  { "nothing", NETWORK, HOST NETWORK, "192.168.122.0/24" },
  { "hostname", NETWORK,
    "[host]\nhostname=kvm2\ntimezone=UTC\nkeyboard=us\n[storage]\ndisks=serial:S1\n" NETWORK,
    "192.168.122.0/24" },
  { "left-out", NETWORK "ntp=ntp.example.org\n", "[storage]\ndisks=serial:S1\n[network]\n",
    "192.168.122.0/24" },
  { "everything-of-the-host", NETWORK,
    "[host]\nhostname=kvm2\ntimezone=Europe/Vienna\nkeyboard=de-latin1\nlanguage=de_AT.UTF-8\n"
    "[access]\nroot-password-hash=$6$salt$" /* 86 characters */
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
    "ssh-password-login=yes\n[storage]\ndisks=serial:S1\n" NETWORK "ntp=ntp.example.org\n",
    "192.168.122.0/24" },
  { "static", NETWORK, HOST NETWORK "ipv4=static\naddress=192.0.2.10/24\ngateway=192.0.2.1\n",
    "192.168.122.0/24" },
  { "dhcp-again", NETWORK "ipv4=static\naddress=192.0.2.10/24\ngateway=192.0.2.1\ndns=192.0.2.53\n",
    HOST NETWORK, "192.168.122.0/24", "ipv4.routes" },
  { "foreign-stays", NETWORK, "[host]\nhostname=kvm2\n[storage]\ndisks=serial:S1\n" NETWORK,
    "192.168.122.0/24", "ipv4.routes" },
  { "other-port", NETWORK, HOST "[network]\nport=name:enp2s0\n", "192.168.122.0/24" },
  { "same-port-by-name", NETWORK, HOST "[network]\nport=name:enp1s0\n", "192.168.122.0/24" },
  { "dark-port", NETWORK, HOST "[network]\nport=name:enp3s0\n", "192.168.122.0/24" },
  { "bonded-static", BOND, HOST BOND "ipv4=static\naddress=192.0.2.10/24\ngateway=192.0.2.1\n",
    "192.168.122.0/24" },
  { "vlan-given-up", NETWORK "vlan=77\n", HOST NETWORK, "192.168.122.0/24" },
  { "bridge-renamed", NETWORK, HOST NETWORK "bridge=lan0\n", "192.168.122.0/24" },
  { "nat-moves", NETWORK, HOST NETWORK "ipv4=static\naddress=192.168.122.5/24\n",
    "192.168.122.0/24" },
  { "nat-stays-where-it-moved", NETWORK, HOST NETWORK "ipv6=off\n", "192.168.130.0/24" },
  { "nat-off", NETWORK, HOST NETWORK "[libvirt]\nnat=no\n", "192.168.122.0/24" },
  { "nat-on", NETWORK "[libvirt]\nnat=no\n", HOST NETWORK, NULL },
  { "other-storage", NETWORK, "[storage]\ndisks=serial:S2\n" NETWORK, "192.168.122.0/24" },
  { "no-storage", NETWORK, "[storage]\nlayout=none\n" NETWORK, "192.168.122.0/24" },
  { "unknown-network", NETWORK, HOST NETWORK "ipv6=off\n", "192.168.122.0/24", NULL, TRUE },
  { "unknown-network-hostname", NETWORK,
    "[host]\nhostname=kvm2\n[storage]\ndisks=serial:S1\n" NETWORK, "192.168.122.0/24", NULL, TRUE },
};

static LodgeFacts *
facts_of_a_host (const char *nat)
{
  LodgeFacts *facts = usual_facts ();

  add_port (facts, "enp2s0", 2, TRUE);
  add_port (facts, "enp3s0", 3, FALSE);
  if (nat != NULL)
    g_ptr_array_add (facts->kernel_routes, g_strdup (nat));
  return facts;
}

/* The kernel gives all ports of a bond the current address of the first. */
static void
bond_ports (LodgeFacts *facts)
{
  const LodgePort *first = facts->ports->pdata[0];
  LodgePort *second = facts->ports->pdata[1];

  g_free (second->mac);
  second->mac = g_strdup (first->mac);
}

/* Setup's plan, of what the host is by now. */
static LodgePlan *
setup_plan (const LodgeAnswers *present)
{
  g_autoptr (LodgeFacts) facts = facts_of_a_host (NULL);
  g_autoptr (GError) error = NULL;
  LodgePlan *plan = lodge_plan_make (facts, present, TEST_SEED, &error);

  g_assert_no_error (error);
  return plan;
}

static LodgePlan *
change (const Case *test, LodgePlan **setup, GError **error)
{
  g_autofree char *text = g_strconcat (HOST, test->present, NULL);
  g_autoptr (LodgeAnswers) present = parse_answers (text);
  g_autoptr (LodgeAnswers) wanted = parse_answers (test->wanted);
  g_autoptr (LodgeFacts) facts = facts_of_a_host (test->nat);
  const char *const foreign[] = { test->foreign, NULL };
  LodgePlanPresent what = { .answers = present,
                            .nat_network = test->nat,
                            .network_known = !test->unknown,
                            .foreign = foreign };

  *setup = setup_plan (present);
  if (present->bond != NULL)
    bond_ports (facts);
  what.plan = *setup;
  /* The disk is full by now: a new plan would refuse it. */
  g_ptr_array_set_size (facts->disks, 1);
  return lodge_plan_change (facts, &what, wanted, error);
}

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgePlan) setup = NULL;
  g_autoptr (LodgePlan) plan = change (test, &setup, &error);
  g_autofree char *golden = g_strdup_printf ("firstboot-plan/change-%s.expected", test->name);
  g_autofree char *text = NULL;

  if (plan == NULL)
    text = g_strdup_printf ("exit %d: %s\n", lodge_error_exit_status (error), error->message);
  else
    {
      g_autofree char *steps = g_strjoinv (" ", plan->steps);
      g_autofree char *sentences = lodge_plan_describe (plan);
      g_autofree char *serialized = lodge_plan_serialize (plan);

      text = g_strdup_printf ("steps: %s\n\n%s\n%s", steps, sentences, serialized);
    }
  assert_golden (golden, text);
}

/* Whatever is wanted: no plan of a change takes storage or what hangs on it, and its disks are
 * setup's. */
static void
test_never_storage (void)
{
  static const char *const never[] = { "storage", "pool", "libvirt", "proof" };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LodgePlan) setup = NULL;
      g_autoptr (LodgePlan) plan = change (&cases[i], &setup, NULL);

      for (gsize j = 0; plan != NULL && j < G_N_ELEMENTS (never); j++)
        g_assert_false (lodge_plan_takes (plan, never[j]));
      if (plan == NULL)
        continue;
      g_assert_cmpuint (plan->disks->len, ==, 1);
      g_assert_cmpstr (plan->filesystem_uuid, ==, setup->filesystem_uuid);
    }
}

/* Steps run in the table's order: a plan that lists them otherwise would mislead. */
static void
test_order (void)
{
  g_autoptr (LodgePlan) setup = NULL;
  const Case all = { "all", NETWORK,
                     "[host]\nhostname=x\n[access]\nssh-password-login=yes\n"
                     "[storage]\ndisks=serial:S1\n" NETWORK "bridge=lan0\n",
                     "192.168.122.0/24" };
  g_autoptr (LodgePlan) plan = change (&all, &setup, NULL);
  gsize count, next = 0;
  const LodgeStep *steps = lodge_steps (&count);

  g_assert_cmpuint (g_strv_length (plan->steps), ==, 4);
  for (gsize i = 0; i < count; i++)
    if (plan->steps[next] != NULL && g_str_equal (steps[i].id, plan->steps[next]))
      next++;
  g_assert_null (plan->steps[next]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/plan-change/", cases[i].name, NULL);
      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/plan-change/never-storage", test_never_storage);
  g_test_add_func ("/plan-change/order", test_order);
  return g_test_run ();
}
