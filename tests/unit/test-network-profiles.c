/* The NetworkManager profiles made from answers, as the key files that NetworkManager would write.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-profiles.h"

#include <nm-keyfile.h>
#include <string.h>
#include "common/error.h"
#include "tests/unit/network-golden.h"

static const char *const one_port[] = { "52:54:00:12:34:56", NULL };
static const char *const two_ports[] = { "52:54:00:12:34:56", "52:54:00:12:34:57", NULL };

static LodgeAnswers *
parse (const char *network)
{
  g_autofree char *text = g_strconcat ("[network]\n", network, NULL);
  g_autoptr (GError) error = NULL;
  LodgeAnswers *answers = lodge_answers_parse ("answers.conf", text, strlen (text), NULL, &error);

  g_assert_no_error (error);
  return answers;
}

static char *
format (const GPtrArray *profiles)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < profiles->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GKeyFile) keys = nm_keyfile_write (
          profiles->pdata[i], NM_KEYFILE_HANDLER_FLAGS_NONE, NULL, NULL, &error);
      g_autofree char *data = NULL;

      g_assert_no_error (error);
      data = g_key_file_to_data (keys, NULL, NULL);
      g_string_append_printf (text, "%s%s", i > 0 ? "\n\n" : "", data);
    }
  return g_string_free (text, FALSE);
}

typedef struct
{
  const char *name;
  const char *network;
  const char *const *ports;
} Case;

static const Case cases[] = {
  { "dhcp", "", one_port },
  { "static",
    "bridge=lan0\nmtu=9000\nipv4=static\naddress=192.0.2.10/24\ngateway=192.0.2.1\nipv6=static\n"
    "address6=2001:db8::10/64\ngateway6=fe80::1\ndns=192.0.2.53;2001:db8::53\nsearch=example.org\n",
    one_port },
  { "ipv6-only", "ipv4=off\nipv6=auto\nsearch=example.org\n", one_port },
  { "dhcp6", "ipv6=dhcp\n", one_port },
  { "vlan", "vlan=77\nipv6=off\n", one_port },
  { "bond", "bond=active-backup\nipv6=off\nport=mac:52:54:00:12:34:56;mac:52:54:00:12:34:57\n",
    two_ports },
  { "bond-vlan",
    "bond=802.3ad\nvlan=77\nipv6=off\nport=mac:52:54:00:12:34:56;mac:52:54:00:12:34:57\n",
    two_ports },
};

static void
test_profiles (gconstpointer data)
{
  const Case *test = data;
  g_autoptr (LodgeAnswers) answers = parse (test->network);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) profiles = lodge_network_profiles_make (answers, test->ports, &error);
  g_autofree char *golden = g_strdup_printf ("network/%s.nmconnection", test->name);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = format (profiles);
  assert_golden (golden, text);
}

/* A profile's UUID says what it is for, not what is in it: a later run with other answers finds it.
 */
static void
test_uuids (void)
{
  g_autoptr (LodgeAnswers) first = parse ("");
  g_autoptr (LodgeAnswers) second = parse ("bridge=lan0\nipv4=off\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) before = lodge_network_profiles_make (first, one_port, &error);
  g_autoptr (GPtrArray) after = lodge_network_profiles_make (second, &two_ports[1], &error);

  g_assert_no_error (error);
  g_assert_cmpuint (before->len, ==, 2);
  for (guint i = 0; i < before->len; i++)
    g_assert_cmpstr (nm_connection_get_uuid (before->pdata[i]), ==,
                     nm_connection_get_uuid (after->pdata[i]));
  g_assert_cmpstr (nm_connection_get_uuid (before->pdata[0]), !=,
                   nm_connection_get_uuid (before->pdata[1]));
}

static void
assert_refused (LodgeAnswers *answers, const char *const *ports, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) profiles = lodge_network_profiles_make (answers, ports, &error);

  g_assert_null (profiles);
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_refusals (void)
{
  static const char *const none[] = { NULL };
  g_autoptr (LodgeAnswers) answers = lodge_answers_new ();

  assert_refused (answers, none, "no port");
  assert_refused (answers, two_ports, "without bond=");
  answers->dns = (g_strfreev (answers->dns), g_strsplit ("2001:db8::53", ";", 0));
  answers->ipv6 = LODGE_IPV6_OFF;
  assert_refused (answers, one_port, "2001:db8::53 is an IPv6 address, but ipv6=off");
  answers->ipv6 = LODGE_IPV6_AUTO;
  answers->ipv4 = LODGE_IPV4_STATIC;
  answers->address = g_strdup ("192.0.2.10");
  assert_refused (answers, one_port, "\"192.0.2.10\" is not an address with a prefix");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/network-profiles/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_profiles);
    }
  g_test_add_func ("/network-profiles/uuids", test_uuids);
  g_test_add_func ("/network-profiles/refusals", test_refusals);
  return g_test_run ();
}
