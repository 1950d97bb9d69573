/* One answers.conf for many hosts: who gets what, and every kind of clash with the lines of both.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/classroom.h"
#include "common/error.h"

#include <string.h>
#include <time.h>

#define HOST(n) "[match mac=52:54:00:00:00:0" #n "]\n"
#define MAC(n) "mac=52:54:00:00:00:0" #n

static LodgeClassroom *
read_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  LodgeClassroom *classroom = lodge_classroom_read ("F", text, strlen (text), &error);

  g_assert_no_error (error);
  return classroom;
}

/* All clashes, one a line, with "note: " before a doubt. */
static char *
list_clashes (const LodgeClassroom *classroom)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < classroom->clashes->len; i++)
    {
      const LodgeClash *clash = g_ptr_array_index (classroom->clashes, i);

      g_string_append_printf (list, "%s %u %u %s\n", clash->kind, clash->lines[0], clash->lines[1],
                              clash->message);
    }
  for (guint i = 0; i < classroom->doubts->len; i++)
    g_string_append_printf (list, "note: %s\n",
                            (const char *)g_ptr_array_index (classroom->doubts, i));
  return g_strdup (list->str);
}

static void
test_clashes (void)
{
  static const struct
  {
    const char *text;
    const char *clashes;
  } cases[] = {
    { "", "" },
    { "[host]\nhostname=a\n", "" },
    /* As it should be. */
    { "[network]\nipv4=static\ngateway=192.0.2.1\n" HOST (
          1) "host.hostname=a\n"
             "network.address=192.0.2.11/24\n" HOST (
                 2) "host.hostname=b\nnetwork.address=192.0.2.12/24\n",
      "" },
    /* The same address, whatever its prefix length or spelling. */
    { "[network]\nipv4=static\n" HOST (1) "network.address=192.0.2.11/24\n" HOST (
          2) "network.address=192.0.2.11/25\n",
      "address 6 4 F:6: address=192.0.2.11/25 of " MAC (
          2) " clashes with address=192.0.2.11/24 "
             "of " MAC (1) " (F:4): give each host its own\n" },
    { "[network]\nipv6=static\n" HOST (1) "network.address6=2001:db8::1/64\n" HOST (
          2) "network.address6=2001:DB8:0:0::1/64\n",
      "address 6 4 F:6: address6=2001:db8::1/64 of " MAC (
          2) " clashes with "
             "address6=2001:db8::1/64 of " MAC (1) " (F:4): give each host its own\n" },
    /* Three with the same: both later ones are told, with the first. */
    { HOST (1) "host.hostname=a\n" HOST (2) "host.hostname=A\n" HOST (3) "host.hostname=a\n",
      "hostname 4 2 F:4: hostname=A of " MAC (2) " clashes with hostname=a of " MAC (
          1) " (F:2): give each host its own\n"
             "hostname 6 2 F:6: hostname=a of " MAC (3) " clashes with hostname=a of " MAC (
                 1) " (F:2): give each host its own\n" },
    /* One line for all hosts is told once. */
    { "[host]\nhostname=a\n" HOST (1) HOST (2) HOST (3) HOST (4),
      "hostname 2 0 F:2: hostname=a is given to several hosts, " MAC (1) " (F:3), " MAC (
          2) " (F:4) and 2 more: each needs its own\n" },
    { "[host]\nhostname=a\n" HOST (1) HOST (2) "host.hostname=b\n", "" },
    /* One machine that is two hosts. */
    { HOST (1) "network.port=mac:52:54:00:00:00:02\n" HOST (2),
      "mac 3 2 F:3: [match " MAC (2) "] clashes with port=mac:52:54:00:00:00:02 of " MAC (
          1) " (F:2): one machine would be both hosts: put its keys in one section, or correct the "
             "address\n" },
    { HOST (1) "network.port=mac:52:54:00:00:00:01\n" HOST (2), "" },
    /* Named by its serial number, and by the port that it takes: that is known from the file. */
    { "[match serial=S]\nnetwork.port=mac:52:54:00:00:00:02\n" HOST (2),
      "mac 3 2 F:3: [match " MAC (2) "] clashes with port=mac:52:54:00:00:00:02 of serial=S "
                                     "(F:2): one machine would be both hosts: put its keys in one "
                                     "section, or correct the address\n" },
    /* It may be one machine or two: left. */
    { "[match serial=S]\nhost.hostname=a\n" HOST (2) "host.hostname=b\n", "" },
    /* Contradictions of what a host gets. */
    { "[network]\nipv4=static\ngateway=192.0.2.1\n" HOST (
          1) "network.address=192.0.2.11/24\n" HOST (2) "network.address=198.51.100.12/24\n",
      "contradiction 6 0 F:3: the gateway 192.0.2.1 is outside the network of "
      "the address 198.51.100.12/24, so it cannot be reached (the host " MAC (2) ", F:6)\n" },
    { "[network]\nipv4=static\n" HOST (1) HOST (2) HOST (3) "network.address=192.0.2.11/24\n",
      "contradiction 3 0 F:2: ipv4=static needs an address=, such as 192.0.2.10/24 (the host " MAC (
          1) ", F:3 and 1 more)\n" },
    /* A section of another kind may fit the same machine and bring what lacks, but it cannot mend
     * what the host itself was given. */
    { "[network]\nipv4=static\ngateway=192.0.2.1\n" HOST (1) "network.address=192.0.2.11/24\n"
                                                             "[match serial=S]\nhost.hostname=a\n",
      "note: F:2: ipv4=static needs an address=, such as 192.0.2.10/24 (the host serial=S, "
      "F:6), unless another section fits it too\n" },
    { "[network]\nipv4=static\ngateway=192.0.2.1\n" HOST (
          1) "network.address=192.0.2.11/24\n"
             "[match serial=S]\nnetwork.address=198.51.100.1/24\n",
      "contradiction 6 0 F:3: the gateway 192.0.2.1 is outside the network of "
      "the address 198.51.100.1/24, so it cannot be reached (the host serial=S, F:6)\n" },
    /* One machine, named in two ways; or two. */
    { HOST (1) "host.hostname=a\n[match serial=S]\nhost.hostname=a\n",
      "hostname 4 2 F:4: hostname=a of serial=S clashes with hostname=a of " MAC (
          1) " (F:2): give each host its own, or, if both are one machine, put its keys in one "
             "section\n" },
    /* The room's gateway. */
    { "[network]\nipv4=static\ngateway=192.0.2.1\n" HOST (
          1) "network.address=192.0.2.11/24\n" HOST (2) "network.address=192.0.2.1/"
                                                        "24\nnetwork.gateway=192.0.2.254\n",
      "address 7 4 F:7: address=192.0.2.1/24 of " MAC (2) " is the gateway of " MAC (
          1) " (F:4), which could not be reached then: give the host another address\n" },
    /* The last host has the gateway's address and goes by it too: another one is told of. */
    { "[network]\nipv4=static\ngateway=192.0.2.1\n" HOST (
          1) "network.address=192.0.2.11/24\n" HOST (2) "network.address=192.0.2.1/24\n",
      "address 7 4 F:7: address=192.0.2.1/24 of " MAC (2) " is the gateway of " MAC (
          1) " (F:4), which could not be reached then: give the host another address\n"
             "contradiction 6 0 F:3: the gateway 192.0.2.1 is the host's own address (the "
             "host " MAC (2) ", F:6)\n" },
    /* Alone, it is in nobody's way but its own. */
    { HOST (1) "network.ipv4=static\nnetwork.gateway=192.0.2.1\nnetwork.address=192.0.2.1/24\n",
      "contradiction 1 0 F:3: the gateway 192.0.2.1 is the host's own address (the host " MAC (
          1) ", F:1)\n" },
    { HOST (1) "network.ipv6=static\nnetwork.address6=2001:db8::2/64\n"
               "network.gateway6=2001:db8:0::1\n" HOST (
                   2) "network.ipv6=static\nnetwork.address6=2001:db8::1/64\n",
      "address 7 1 F:7: address6=2001:db8::1/64 of " MAC (2) " is the gateway of " MAC (
          1) " (F:1), which could not be reached then: give the host another address\n" },
    { "[network]\nipv4=static\naddress=192.0.2.9/24\n" HOST (1) "network.address=192.0.2.11/24\n",
      "note: F: an address stands outside of the [match …] sections, so all hosts that none of "
      "them names would have the same one\n" },
    { "[match serial=To be filled by O.E.M.]\nhost.hostname=a\n",
      "identity 1 0 F:1: serial=To be filled by O.E.M. is what many machines say that were given "
      "none, so no host is found by it: name the host by mac=\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LodgeClassroom) classroom = read_text (cases[i].text);
      g_autofree char *clashes = list_clashes (classroom);

      g_assert_cmpstr (clashes, ==, cases[i].clashes);
    }
}

/* Hosts that are all in each other's way; returns the processor time that they took. */
static clock_t
read_many (guint hosts)
{
  g_autoptr (GString) text = g_string_new ("[network]\nipv4=static\ngateway=10.0.0.1\n");
  g_autoptr (LodgeClassroom) classroom = NULL;
  const LodgeClash *last;
  clock_t start;

  for (guint i = 1; i <= hosts; i++)
    g_string_append_printf (text,
                            "[match mac=52:54:00:00:%02x:%02x]\nhost.hostname=h\n"
                            "network.address=10.1.%u.%u/16\n",
                            i / 256, i % 256, i / 256, i % 256);
  start = clock ();
  classroom = read_text (text->str);
  g_assert_cmpuint (classroom->hosts->len, ==, hosts);
  /* Each but the first has the first's name, and each a gateway that it cannot reach. */
  g_assert_cmpuint (classroom->clashes->len, ==, 2 * hosts - 1);
  last = g_ptr_array_index (classroom->clashes, classroom->clashes->len - 1);
  g_assert_cmpstr (last->kind, ==, "contradiction");
  g_assert_cmpuint (last->lines[0], ==, 3 * hosts + 1);
  return clock () - start;
}

/* As many hosts as a file can hold: eight times as many take about eight times as long, not 64. */
static void
test_many (void)
{
  clock_t few = read_many (1000);

  g_assert_cmpint (read_many (8000), <, 32 * few);
}

static void
test_mistakes (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
    { HOST (1) HOST (1),
      "F:2: the section \"[match " MAC (1) "]\" is already in line 1; put its keys there" },
    { HOST (1) "[match mac=52-54-00-00-00-01]\n",
      "F:2: an earlier section names the host " MAC (1) " already; put its keys there" },
    { HOST (1) "network.vlan=0\n",
      "F:2: vlan: \"0\" is out of range (expected a VLAN number from 1 to 4094)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (lodge_classroom_read ("F", cases[i].text, strlen (cases[i].text), &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
test_table (void)
{
  static const char text[] = "[network]\nipv4=static\ngateway=192.0.2.1\n" HOST (
      1) "host.hostname=a\nnetwork.address=192.0.2.11/24\n" HOST (2) "host.hostname=longer.example."
                                                                     "org\nnetwork.ipv4="
                                                                     "dhcp\nnetwork.gateway=\n"
                                                                     "storage.disks=serial:A "
                                                                     "B\nstorage.erase=A B\n" HOST (
                                                                         3) "network.ipv4="
                                                                            "off\nnetwork.gateway="
                                                                            "\nstorage.layout="
                                                                            "none\n";
  g_autoptr (LodgeClassroom) classroom = read_text (text);
  g_autoptr (LodgeClassroom) nobody = read_text ("[host]\nhostname=a\n");
  g_autofree char *table = lodge_classroom_format (classroom);
  g_autofree char *none = lodge_classroom_format (nobody);

  g_assert_cmpuint (classroom->clashes->len, ==, 0);
  g_assert_cmpuint (classroom->without_names, ==, 1);
  g_assert_cmpstr (
      table, ==,
      "HOST                   HOST NAME           ADDRESS        DISK        ERASE  LAYOUT\n"
      "mac=52:54:00:00:00:01  a                   192.0.2.11/24  auto        -      xfs\n"
      "mac=52:54:00:00:00:02  longer.example.org  DHCP           serial:A B  A B    xfs\n"
      "mac=52:54:00:00:00:03  -                   IPv6           -           -      none\n"
      "\n"
      "3 hosts are named.  Any other host is left as it is: ipv4=static needs an address=, such as "
      "192.0.2.10/24.\n");
  g_assert_cmpstr (none, ==,
                   "HOST      HOST NAME  ADDRESS  DISK  LAYOUT\n"
                   "any host  a          DHCP     auto  xfs\n"
                   "\n"
                   "Every host gets the same.\n");
}

/* No secret is in what programs read. */
static void
test_json (void)
{
  static const char text[] = "[access]\nroot-password-hash=$5$saltsalt$"
                             "IptEAbkkzbA7Xnn2KwiABlj9R9DU56ECWQWT2p9NXlD\n" HOST (
                                 1) "host.hostname=a\n" HOST (2) "host.hostname=a\n";
  g_autoptr (LodgeClassroom) classroom = read_text (text);
  g_autofree char *json = lodge_classroom_format_json (classroom);

  g_assert_null (strstr (json, "saltsalt"));
  g_assert_nonnull (strstr (json, "\"host.hostname\" : \"a\""));
  g_assert_nonnull (strstr (json, "\"kind\" : \"hostname\""));
  g_assert_nonnull (strstr (json, "\"others\" : null"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/classroom/clashes", test_clashes);
  g_test_add_func ("/classroom/many", test_many);
  g_test_add_func ("/classroom/mistakes", test_mistakes);
  g_test_add_func ("/classroom/table", test_table);
  g_test_add_func ("/classroom/json", test_json);
  return g_test_run ();
}
