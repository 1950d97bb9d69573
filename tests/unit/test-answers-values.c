/* Values of answers.conf that look odd but are right.  (The wrong ones:
 * tests/fixtures/answers/bad-*.) Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier:
 * GPL-3.0-or-later
 */
#include "tests/unit/answers-fixtures.h"

#include <string.h>

/* Each is accepted and written as CANONICAL, or as it was. */
static void
test_values (void)
{
  static const struct
  {
    const char *section;
    const char *line;
    const char *canonical;
  } cases[] = {
    { "host", "hostname=a", NULL },
    { "host", "hostname=1a.2b-3.C4", NULL },
    { "host", "timezone=UTC", NULL },
    { "host", "timezone=Etc/GMT+12", NULL },
    { "host", "timezone=America/Argentina/ComodRivadavia", NULL },
    { "host", "keyboard=ruwin_alt_sh-UTF-8", NULL },
    { "host", "language=C.UTF-8", NULL },
    { "host", "language=sr_RS.UTF-8@latin", NULL },
    { "host", "language=ast_ES", NULL },
    /* Made by crypt(3) of libxcrypt from "lodge". */
    { "access",
      "root-password-hash=$y$j9T$saltsaltsalt$I29zKvyDSNP/SwIs.BvT97doFm/h.lSIIYyOIvL3tV/", NULL },
    { "access",
      "root-password-hash=$gy$j9T$saltsaltsalt$voX0aRMRHA3NPJ8XGoyyH49oGohtKQS48E0OPONMZr0", NULL },
    { "access",
      "root-password-hash=$7$CU..../....saltsaltsalt$H2Y4bYpc20P.i0oN4sqOyci3bZNVa.HqPvJ421hgb6.",
      NULL },
    { "access", "root-password-hash=$2b$05$abcdefghijklmnopqrstuuCWH3DitWsIPiYWtfKZzxja7N1FpR/N6",
      NULL },
    { "access",
      "root-password-hash=$6$rounds=10000$saltsalt$BTHw7m9QSY0uslUBrZRM3r9JlxZxWJCT5NWfFFVQUA64eUx"
      "XMnTpCJfFQBirjCrdRxbD0Ca4UeXA3tXsnNeUy.",
      NULL },
    { "access", "root-password-hash=$5$saltsalt$IptEAbkkzbA7Xnn2KwiABlj9R9DU56ECWQWT2p9NXlD",
      NULL },
    /* Tokens' keys, made by hand after OpenSSH's PROTOCOL.u2f. */
    { "access",
      "ssh-keys=sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAABAgMEBQY"
      "HCAkKCwwNDg8QERITFBUWFxgZGhscHR4fAAAABHNzaDo=",
      NULL },
    { "access",
      "ssh-keys=sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5"
      "jb20AAAAIbmlzdHAyNTYAAABBBAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLz"
      "AxMjM0NTY3ODk6Ozw9Pj8AAAAEc3NoOg== a remark of two\tand more words",
      "ssh-keys=sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5"
      "jb20AAAAIbmlzdHAyNTYAAABBBAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLz"
      "AxMjM0NTY3ODk6Ozw9Pj8AAAAEc3NoOg== a remark of two and more words" },
    { "storage", "layout=adopt", NULL },
    { "storage", "disks=serial: S1 ", "disks=serial:S1" },
    { "storage", "disks=serial:S:1", NULL },
    { "storage", "disks=name:cciss!c0d1", NULL },
    { "storage", "disks=path:pci-0000:3b:00.0-nvme-1", NULL },
    { "storage", "disks=path:platform-LNRO0005:00-virtio-pci-0000", NULL },
    { "storage", "disks=wwn:eui.0025388b710116a1", NULL },
    { "storage", "erase=serial", NULL },
    { "network", "port=mac:52-54-00-AB-CD-EF", "port=mac:52:54:00:ab:cd:ef" },
    { "network", "bridge=lan-of-guests15", NULL },
    { "network", "bond=balance-xor", NULL },
    { "network", "bond=broadcast", NULL },
    { "network", "vlan=1", NULL },
    { "network", "vlan=4094", NULL },
    { "network", "mtu=1280", NULL },
    { "network", "mtu=9216", NULL },
    { "network", "dns=2001:DB8:0:0:0:0:2:3", "dns=2001:db8::2:3" },
    { "network", "dns=fe80::53", NULL },
    { "network", "search=a;b.c", NULL },
    { "network", "ntp=ntp", NULL },
    { "finish", "webhook=https://example.org", NULL },
    { "finish", "webhook=https://192.0.2.1:8443/a/b?c=d&e=%20", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("[%s]\n%s\n", cases[i].section, cases[i].line);
      g_autofree char *formatted = parse_and_format (text, strlen (text), NULL);
      g_autofree char *expected
          = g_strdup_printf ("[%s]\n%s\n", cases[i].section,
                             cases[i].canonical != NULL ? cases[i].canonical : cases[i].line);

      g_assert_cmpstr (formatted, ==, expected);
    }
}

/* Where host and network meet: addresses that look odd but are right. */
static void
test_addresses (void)
{
  static const char *const texts[] = {
    "ipv4=static\naddress=10.0.0.255/8\ngateway=10.255.255.254\n",
    "ipv4=static\naddress=192.0.2.4/31\ngateway=192.0.2.5\n",
    "ipv4=static\naddress=192.0.2.0/32\n",
    "ipv4=static\naddress=192.0.2.128/24\ngateway=192.0.2.127\n",
    "ipv6=static\naddress6=2001:db8::/127\ngateway6=2001:db8::1\n",
    "ipv6=static\naddress6=2001:db8::/128\ngateway6=fe80::1\n",
    "ipv6=static\naddress6=2001:db8:0:8000::1/49\ngateway6=2001:db8:0:ffff::1\n",
    "ipv6=static\naddress6=fd00::1/64\n",
    "ipv4=off\nipv6=off\n",
    "mtu=576\nipv6=off\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = g_strconcat ("[network]\n", texts[i], NULL);

      g_free (parse_and_format (text, strlen (text), NULL));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/answers/values", test_values);
  g_test_add_func ("/answers/addresses", test_addresses);
  return g_test_run ();
}
