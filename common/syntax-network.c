/* Values about the network.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/number.h"
#include "common/syntax.h"
#include "common/translate.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

/* Fills ERROR with "TEXT MESSAGE"; always NULL. */
static char *
refuse (const char *text, const char *message, GError **error)
{
  g_autofree char *quoted = lodge_error_quote (text);

  lodge_error_set (error, LODGE_ERROR_USAGE, "%s %s", quoted, message);
  return NULL;
}

char *
lodge_syntax_bridge (const char *text, GError **error)
{
  /* The kernel takes more (dev_valid_name), but "/" and ":" break other programs, and "all" and
   * "default" are directories beside the interfaces in /proc/sys/net. */
  if (strlen (text) >= IFNAMSIZ)
    return refuse (text, _ ("is too long: the kernel allows 15 characters"), error);
  if (!g_regex_match_simple ("^[A-Za-z][A-Za-z0-9._-]*$", text, G_REGEX_DOLLAR_ENDONLY, 0)
      || strcmp (text, "all") == 0 || strcmp (text, "default") == 0 || strcmp (text, "lo") == 0)
    return refuse (text, _ ("is not a name for a bridge"), error);
  if (g_str_has_prefix (text, "virbr") || g_str_has_prefix (text, "vnet"))
    return refuse (text, _ ("is refused: libvirt gives names that begin so to its own interfaces"),
                   error);
  return g_strdup (text);
}

/* The modes of the kernel's documentation (networking/bonding.rst).  REFUSED: why a bridge with
 * guests cannot stand on it; Red Hat's documentation of virtual machine networks excludes the same
 * three (Red Hat Virtualization 4.4, Technical Reference, 3.8). */
static const struct
{
  const char *name;
  const char *refused;
} bond_modes[] = {
  { "active-backup", NULL },
  { "802.3ad", NULL },
  { "balance-xor", NULL },
  { "broadcast", NULL },
  { "balance-rr",
    "is refused: it delivers packets out of order and breaks networks of virtual machines; use "
    "active-backup, or 802.3ad when the switch has LACP" },
  { "balance-tlb",
    "is refused: it changes the guests' MAC addresses on the way out and breaks networks of "
    "virtual machines; use active-backup, or 802.3ad when the switch has LACP" },
  { "balance-alb",
    "is refused: it changes the guests' MAC addresses on the way out and breaks networks of "
    "virtual machines; use active-backup, or 802.3ad when the switch has LACP" },
};

char *
lodge_syntax_bond (const char *text, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bond_modes); i++)
    if (strcmp (text, bond_modes[i].name) == 0)
      return bond_modes[i].refused == NULL ? g_strdup (text)
                                           : refuse (text, bond_modes[i].refused, error);
  return refuse (text, _ ("is not a bonding mode"), error);
}

/* Why no host can have ADDRESS, or NULL. */
static const char *
ipv4_problem (guint32 address)
{
  if (address >> 24 == 0)
    return _ ("is an unspecified address, which no host can have");
  if (address >> 24 == IN_LOOPBACKNET)
    return _ ("is a loopback address, which other hosts cannot reach");
  if (IN_MULTICAST (address))
    return _ ("is a multicast address, which no host can have");
  if (IN_BADCLASS (address))
    return _ ("is a reserved or broadcast address, which no host can have");
  return NULL;
}

static const char *
ipv6_problem (const struct in6_addr *address)
{
  if (IN6_IS_ADDR_UNSPECIFIED (address))
    return _ ("is the unspecified address, which no host can have");
  if (IN6_IS_ADDR_LOOPBACK (address))
    return _ ("is the loopback address, which other hosts cannot reach");
  if (IN6_IS_ADDR_MULTICAST (address))
    return _ ("is a multicast address, which no host can have");
  if (IN6_IS_ADDR_V4MAPPED (address) || IN6_IS_ADDR_V4COMPAT (address))
    return _ ("is an IPv4 address written as IPv6, which no network carries");
  return NULL;
}

char *
lodge_syntax_ipv4_address (const char *text, GError **error)
{
  struct in_addr address;
  const char *problem;

  if (inet_pton (AF_INET, text, &address) != 1)
    return refuse (text,
                   strchr (text, '/') != NULL ? _ ("must be an IPv4 address alone, without \"/\"")
                                              : _ ("is not an IPv4 address"),
                   error);
  problem = ipv4_problem (ntohl (address.s_addr));
  return problem != NULL ? refuse (text, problem, error) : g_strdup (text);
}

char *
lodge_syntax_ipv6_address (const char *text, GError **error)
{
  char canonical[INET6_ADDRSTRLEN];
  struct in6_addr address;
  const char *problem;

  if (inet_pton (AF_INET6, text, &address) != 1)
    {
      if (strchr (text, '/') != NULL)
        return refuse (text, _ ("must be an IPv6 address alone, without \"/\""), error);
      if (strchr (text, '%') != NULL)
        return refuse (text, _ ("must be an IPv6 address alone: the bridge is its zone"), error);
      return refuse (text, _ ("is not an IPv6 address"), error);
    }
  problem = ipv6_problem (&address);
  if (problem != NULL)
    return refuse (text, problem, error);
  return g_strdup (inet_ntop (AF_INET6, &address, canonical, sizeof canonical));
}

char *
lodge_syntax_address (const char *text, GError **error)
{
  if (strchr (text, ':') != NULL)
    return lodge_syntax_ipv6_address (text, error);
  if (strspn (text, "0123456789./") != strlen (text))
    return refuse (text, _ ("is not an address"), error);
  return lodge_syntax_ipv4_address (text, error);
}

char *
lodge_syntax_server (const char *text, GError **error)
{
  struct in_addr address;

  if (strchr (text, ':') != NULL || inet_pton (AF_INET, text, &address) == 1)
    return lodge_syntax_address (text, error);
  return lodge_syntax_domain (text, error);
}

/* The prefix length behind the "/" of TEXT, from 1 to MAXIMUM bits; 0 with ERROR set when it is
 * none. */
static guint
parse_prefix (const char *text, guint maximum, GError **error)
{
  const char *slash = strchr (text, '/');
  g_autofree char *message = NULL;
  guint64 number;

  if (slash == NULL)
    message = g_strdup_printf (_ ("has no prefix length: write it behind, as in \"/%u\""),
                               maximum == 32 ? 24U : 64U);
  else if (strchr (slash, '.') != NULL)
    message
        = g_strdup (_ ("has a netmask: write the prefix length instead (/24 is 255.255.255.0)"));
  else if (slash[1] != '0' && lodge_number_parse (slash + 1, 1, maximum, &number))
    return (guint)number;
  else
    message
        = g_strdup_printf (_ ("has a prefix length that is not a number from 1 to %u"), maximum);
  refuse (text, message, error);
  return 0;
}

/* TEXT up to its "/". */
static char *
host_part (const char *text)
{
  return g_strndup (text, strcspn (text, "/"));
}

char *
lodge_syntax_ipv4_interface (const char *text, GError **error)
{
  g_autofree char *host = host_part (text);
  g_autofree char *checked = lodge_syntax_ipv4_address (host, error);
  guint prefix = checked == NULL ? 0 : parse_prefix (text, 32, error);
  struct in_addr address;
  guint32 host_bits;
  guint32 value;

  if (prefix == 0)
    return NULL;
  inet_pton (AF_INET, checked, &address);
  host_bits = prefix == 32 ? 0 : G_MAXUINT32 >> prefix;
  value = ntohl (address.s_addr) & host_bits;
  /* A /31 has neither (RFC 3021). */
  if (prefix < 31 && value == 0)
    return refuse (text, _ ("is the address of the network itself, not of a host in it"), error);
  if (prefix < 31 && value == host_bits)
    return refuse (text, _ ("is the broadcast address of its network, not that of a host"), error);
  return g_strdup_printf ("%s/%u", checked, prefix);
}

char *
lodge_syntax_ipv6_interface (const char *text, GError **error)
{
  g_autofree char *host = host_part (text);
  g_autofree char *checked = lodge_syntax_ipv6_address (host, error);
  guint prefix = checked == NULL ? 0 : parse_prefix (text, 128, error);
  struct in6_addr address;
  gboolean zero = TRUE;

  if (prefix == 0)
    return NULL;
  inet_pton (AF_INET6, checked, &address);
  if (IN6_IS_ADDR_LINKLOCAL (&address))
    return refuse (text, _ ("is a link-local address, which every host makes for itself"), error);
  for (guint bit = prefix; bit < 128; bit++)
    zero = zero && (address.s6_addr[bit / 8] & 0x80 >> bit % 8) == 0;
  /* Zero is the routers' anycast address (RFC 4291, 2.6.1), except in a /127 (RFC 6164). */
  if (prefix < 127 && zero)
    return refuse (text, _ ("is the address of the network itself, not of a host in it"), error);
  return g_strdup_printf ("%s/%u", checked, prefix);
}
