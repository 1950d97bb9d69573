/* Every key of answers.conf: where it goes, what it may be.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/answers-table.h"
#include "common/error.h"
#include "common/translate.h"

#include <string.h>

/* Indexed by the enumerations of answers.h. */
static const char *const layouts[] = { "xfs", "lvm", "raid1", "adopt", "none", NULL };
static const char *const ipv4_methods[] = { "dhcp", "static", "off", NULL };
static const char *const ipv6_methods[] = { "auto", "dhcp", "static", "off", NULL };
static const char *const finish_actions[] = { "continue", "reboot", "poweroff", NULL };

#define MEMBER(member) .offset = G_STRUCT_OFFSET (LodgeAnswers, member)
#define YES_NO .type = LODGE_ANSWER_BOOLEAN, .expected = "yes, no, true or false"

static const LodgeAnswerKey keys[] = {
  { "host", "hostname", LODGE_ANSWER_TEXT, MEMBER (hostname), .syntax = lodge_syntax_hostname,
    .expected = N_ ("a host name such as kvm1.example.org") },
  { "host", "timezone", LODGE_ANSWER_TEXT, MEMBER (timezone), .syntax = lodge_syntax_timezone,
    .expected = N_ ("a time zone such as Europe/Vienna or UTC") },
  { "host", "keyboard", LODGE_ANSWER_TEXT, MEMBER (keyboard), .syntax = lodge_syntax_keyboard,
    .expected = N_ ("a console keymap such as us or de-latin1") },
  { "host", "language", LODGE_ANSWER_TEXT, MEMBER (language), .syntax = lodge_syntax_language,
    .expected = N_ ("a locale such as en_US.UTF-8") },

  { "access", "root-password-hash", LODGE_ANSWER_TEXT, MEMBER (root_password_hash),
    .syntax = lodge_syntax_password_hash, .secret = TRUE,
    .expected = N_ ("a crypt(5) hash that begins with $y$, $gy$, $7$, $2b$, $6$ or $5$") },
  { "access", "ssh-keys", LODGE_ANSWER_LIST, MEMBER (ssh_keys), .syntax = lodge_syntax_ssh_key,
    .expected = N_ ("SSH public keys with \";\" between them") },
  { "access", "ssh-password-login", YES_NO, MEMBER (ssh_password_login) },

  { "storage", "layout", LODGE_ANSWER_CHOICE, MEMBER (layout), .choices = layouts,
    .expected = N_ ("xfs, lvm, raid1, adopt or none") },
  { "storage", "disks", LODGE_ANSWER_SELECTORS, MEMBER (disks),
    .selectors = 1 << LODGE_SELECT_SERIAL | 1 << LODGE_SELECT_PATH | 1 << LODGE_SELECT_WWN
                 | 1 << LODGE_SELECT_NAME,
    .expected = N_ ("auto, or serial:S, path:P, wwn:W and name:N with \";\" between them") },
  { "storage", "erase", LODGE_ANSWER_LIST, MEMBER (erase), .syntax = lodge_syntax_erase,
    .expected = N_ ("serial numbers (or names) of disks with \";\" between them") },

  { "network", "port", LODGE_ANSWER_SELECTORS, MEMBER (ports),
    .selectors = 1 << LODGE_SELECT_MAC | 1 << LODGE_SELECT_NAME,
    .expected = N_ ("auto, or mac:M and name:N with \";\" between them") },
  { "network", "bridge", LODGE_ANSWER_TEXT, MEMBER (bridge), .syntax = lodge_syntax_bridge,
    .expected = N_ ("an interface name of at most 15 characters such as br0") },
  { "network", "bond", LODGE_ANSWER_TEXT, MEMBER (bond), .syntax = lodge_syntax_bond,
    .expected = N_ ("active-backup, 802.3ad, balance-xor or broadcast") },
  { "network", "vlan", LODGE_ANSWER_NUMBER, MEMBER (vlan), .minimum = 1, .maximum = 4094,
    .expected = N_ ("a VLAN number from 1 to 4094") },
  { "network", "mtu", LODGE_ANSWER_NUMBER, MEMBER (mtu), .minimum = 576, .maximum = 9216,
    .expected = N_ ("a number of bytes from 576 to 9216") },
  { "network", "ipv4", LODGE_ANSWER_CHOICE, MEMBER (ipv4), .choices = ipv4_methods,
    .expected = N_ ("dhcp, static or off") },
  { "network", "address", LODGE_ANSWER_TEXT, MEMBER (address),
    .syntax = lodge_syntax_ipv4_interface,
    .expected = N_ ("an IPv4 address with prefix length such as 192.0.2.10/24") },
  { "network", "gateway", LODGE_ANSWER_TEXT, MEMBER (gateway), .syntax = lodge_syntax_ipv4_address,
    .expected = N_ ("an IPv4 address such as 192.0.2.1") },
  { "network", "ipv6", LODGE_ANSWER_CHOICE, MEMBER (ipv6), .choices = ipv6_methods,
    .expected = N_ ("auto, dhcp, static or off") },
  { "network", "address6", LODGE_ANSWER_TEXT, MEMBER (address6),
    .syntax = lodge_syntax_ipv6_interface,
    .expected = N_ ("an IPv6 address with prefix length such as 2001:db8::10/64") },
  { "network", "gateway6", LODGE_ANSWER_TEXT, MEMBER (gateway6),
    .syntax = lodge_syntax_ipv6_address,
    .expected = N_ ("an IPv6 address such as 2001:db8::1 or fe80::1") },
  { "network", "dns", LODGE_ANSWER_LIST, MEMBER (dns), .syntax = lodge_syntax_address,
    .expected = N_ ("addresses with \";\" between them"),
    .typed = N_ ("addresses with blanks or \";\" between them") },
  { "network", "search", LODGE_ANSWER_LIST, MEMBER (search), .syntax = lodge_syntax_domain,
    .expected = N_ ("domain names with \";\" between them"),
    .typed = N_ ("domain names with blanks or \";\" between them") },
  { "network", "ntp", LODGE_ANSWER_LIST, MEMBER (ntp), .syntax = lodge_syntax_server,
    .expected = N_ ("host names or addresses with \";\" between them"),
    .typed = N_ ("host names or addresses with blanks or \";\" between them") },

  { "libvirt", "nat", YES_NO, MEMBER (nat) },
  { "libvirt", "proof", YES_NO, MEMBER (proof) },

  { "finish", "action", LODGE_ANSWER_CHOICE, MEMBER (action), .choices = finish_actions,
    .expected = N_ ("continue, reboot or poweroff") },
  { "finish", "webhook", LODGE_ANSWER_TEXT, MEMBER (webhook), .syntax = lodge_syntax_https_url,
    .expected = N_ ("a URL such as https://example.org/lodge") },
  { "finish", "webhook-fingerprint", LODGE_ANSWER_TEXT, MEMBER (webhook_fingerprint),
    .syntax = lodge_syntax_fingerprint, .expected = N_ ("64 hexadecimal digits") },
};

const LodgeAnswerKey *
lodge_answer_keys (gsize *count)
{
  *count = G_N_ELEMENTS (keys);
  return keys;
}

const LodgeAnswerKey *
lodge_answer_key_find (const char *section, const char *key)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].section, section) == 0 && strcmp (keys[i].key, key) == 0)
      return &keys[i];
  return NULL;
}

const char *
lodge_layout_kind_name (LodgeLayoutKind layout)
{
  return layouts[layout];
}
