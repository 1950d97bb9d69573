/* Keys of answers.conf that contradict each other.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/answers-table.h"
#include "common/error.h"
#include "common/translate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* Returns what contradicts what and how to mend it (free with g_free), or NULL. */
typedef char *Rule (const LodgeAnswers *answers);

/* How many disks each layout takes when they are named, indexed by LodgeLayoutKind. */
static const struct
{
  guint minimum;
  guint maximum;
} layout_disks[] = { { 1, 1 }, { 1, G_MAXUINT }, { 2, 2 }, { 1, G_MAXUINT }, { 0, 0 } };

static char *
check_disks (const LodgeAnswers *answers)
{
  const char *layout = lodge_layout_kind_name (answers->layout);
  guint count = answers->disks->len;
  guint minimum = layout_disks[answers->layout].minimum;
  guint maximum = layout_disks[answers->layout].maximum;

  if (count == 0 || (count >= minimum && count <= maximum))
    return NULL;
  if (maximum == 0)
    return g_strdup_printf (_ ("disks are named, but layout=%s uses none"), layout);
  return g_strdup_printf ("layout=%s takes %u %s, but %u %s named", layout, minimum,
                          minimum == 1 ? "disk" : "disks", count, count == 1 ? "is" : "are");
}

static char *
check_erase (const LodgeAnswers *answers)
{
  if (g_strv_length (answers->erase) == 0)
    return NULL;
  if (answers->layout == LODGE_LAYOUT_ADOPT)
    return g_strdup (_ ("layout=adopt keeps what is on the disk, so erase= contradicts it"));
  if (answers->layout == LODGE_LAYOUT_NONE)
    return g_strdup (_ ("layout=none touches no disk, so erase= contradicts it"));
  return NULL;
}

/* Whether an entry of erase= is, or may be, something else than a serial number: the UUID of VM
 * storage, or the kernel's name of a disk. */
static gboolean
is_uuid_or_name (const char *entry)
{
  return g_uuid_string_is_valid (entry)
         || g_regex_match_simple (
             "^((sd|vd|xvd|hd|dasd)[a-z]+|(nvme|mmcblk|pmem|md|nbd|dm-)[0-9].*)$", entry,
             G_REGEX_DOLLAR_ENDONLY, 0);
}

/* disks= that names serial numbers only, and erase= that names others only: one of them is
 * mistyped.  More entries than disks are no mistake: a classroom's hosts share one erase=. */
static char *
check_erased_disks (const LodgeAnswers *answers)
{
  g_autofree char *quoted = NULL;

  if (answers->disks->len == 0 || g_strv_length (answers->erase) == 0)
    return NULL;
  for (guint i = 0; answers->erase[i] != NULL; i++)
    if (is_uuid_or_name (answers->erase[i]))
      return NULL;
  for (guint i = 0; i < answers->disks->len; i++)
    {
      const LodgeSelector *disk = g_ptr_array_index (answers->disks, i);

      if (disk->kind != LODGE_SELECT_SERIAL
          || g_strv_contains ((const char *const *)answers->erase, disk->value))
        return NULL;
    }
  quoted = lodge_error_quote (answers->erase[0]);
  return g_strdup_printf (
      _ ("erase= names %s, which is none of the serial numbers of disks=: name a "
         "disk of disks= there, or remove erase="),
      quoted);
}

static char *
check_ports (const LodgeAnswers *answers)
{
  if (answers->ports->len > 1 && answers->bond == NULL)
    return g_strdup (
        _ ("several ports are named without bond=: name one, or add bond=active-backup"));
  return NULL;
}

/* The names that NetworkManager's profiles have: see firstboot/network-profiles.c. */
static char *
check_bridge (const LodgeAnswers *answers)
{
  g_autofree char *vlan = g_strdup_printf ("vlan%u", answers->vlan);

  if ((answers->bond != NULL && strcmp (answers->bridge, "bond0") == 0)
      || (answers->vlan != 0 && strcmp (answers->bridge, vlan) == 0))
    return g_strdup_printf (
        _ ("%s is the name of the interface below the bridge: choose another name, such as br0"),
        answers->bridge);
  return NULL;
}

static char *
check_mtu (const LodgeAnswers *answers)
{
  if (answers->mtu != 0 && answers->mtu < 1280 && answers->ipv6 != LODGE_IPV6_OFF)
    return g_strdup_printf (
        _ ("mtu=%u is too small for IPv6, which needs 1280 (RFC 8200): use more, "
           "or ipv6=off"),
        answers->mtu);
  return NULL;
}

static char *
check_static (const LodgeAnswers *answers)
{
  if (answers->ipv4 == LODGE_IPV4_STATIC && answers->address == NULL)
    return g_strdup (_ ("ipv4=static needs an address=, such as 192.0.2.10/24"));
  if (answers->ipv4 != LODGE_IPV4_STATIC && answers->address != NULL)
    return g_strdup (
        _ ("address= is used with ipv4=static only: write that, or remove the address"));
  return NULL;
}

static char *
check_static6 (const LodgeAnswers *answers)
{
  if (answers->ipv6 == LODGE_IPV6_STATIC && answers->address6 == NULL)
    return g_strdup (_ ("ipv6=static needs an address6=, such as 2001:db8::10/64"));
  if (answers->ipv6 != LODGE_IPV6_STATIC && answers->address6 != NULL)
    return g_strdup (
        _ ("address6= is used with ipv6=static only: write that, or remove the address"));
  return NULL;
}

/* Whether the first PREFIX bits of A and B are the same. */
static gboolean
same_network (const guint8 *a, const guint8 *b, guint prefix)
{
  for (guint bit = 0; bit < prefix; bit++)
    if (((a[bit / 8] ^ b[bit / 8]) & 0x80 >> bit % 8) != 0)
      return FALSE;
  return TRUE;
}

/* "ADDRESS/PREFIX", which was checked when it was parsed. */
static guint
parse_interface (int family, const char *text, gpointer address)
{
  const char *slash = strchr (text, '/');
  g_autofree char *host = g_strndup (text, (gsize)(slash - text));

  inet_pton (family, host, address);
  return (guint)g_ascii_strtoull (slash + 1, NULL, 10);
}

static char *
check_gateway (const LodgeAnswers *answers)
{
  struct in_addr address;
  struct in_addr gateway;
  guint prefix;
  guint32 host_bits;

  if (answers->gateway == NULL)
    return NULL;
  if (answers->ipv4 != LODGE_IPV4_STATIC)
    return g_strdup (
        _ ("gateway= is used with ipv4=static only: write that, or remove the gateway"));
  if (answers->address == NULL)
    return NULL; /* check_static says so */
  prefix = parse_interface (AF_INET, answers->address, &address);
  inet_pton (AF_INET, answers->gateway, &gateway);
  if (!same_network ((const guint8 *)&address, (const guint8 *)&gateway, prefix))
    return g_strdup_printf (
        _ ("the gateway %s is outside the network of the address %s, so it cannot be "
           "reached"),
        answers->gateway, answers->address);
  if (gateway.s_addr == address.s_addr)
    return g_strdup_printf (_ ("the gateway %s is the host's own address"), answers->gateway);
  host_bits = prefix >= 31 ? 0 : G_MAXUINT32 >> prefix;
  if (host_bits != 0
      && ((ntohl (gateway.s_addr) & host_bits) == 0
          || (ntohl (gateway.s_addr) & host_bits) == host_bits))
    return g_strdup_printf (_ ("the gateway %s is the network or broadcast address of %s"),
                            answers->gateway, answers->address);
  return NULL;
}

static char *
check_gateway6 (const LodgeAnswers *answers)
{
  struct in6_addr address;
  struct in6_addr gateway;
  guint prefix;

  if (answers->gateway6 == NULL)
    return NULL;
  if (answers->ipv6 != LODGE_IPV6_STATIC)
    return g_strdup (
        _ ("gateway6= is used with ipv6=static only: write that, or remove the gateway"));
  if (answers->address6 == NULL)
    return NULL; /* check_static6 says so */
  prefix = parse_interface (AF_INET6, answers->address6, &address);
  inet_pton (AF_INET6, answers->gateway6, &gateway);
  if (IN6_IS_ADDR_LINKLOCAL (&gateway))
    return NULL;
  if (!same_network (address.s6_addr, gateway.s6_addr, prefix))
    return g_strdup_printf (
        _ ("the gateway %s is outside the network of the address %s, so it cannot be "
           "reached"),
        answers->gateway6, answers->address6);
  if (IN6_ARE_ADDR_EQUAL (&gateway, &address))
    return g_strdup_printf (_ ("the gateway %s is the host's own address"), answers->gateway6);
  return NULL;
}

/* What needs a network cannot work on a host without any address. */
static char *
check_offline (const LodgeAnswers *answers)
{
  const char *key = NULL;

  if (answers->ipv4 != LODGE_IPV4_OFF || answers->ipv6 != LODGE_IPV6_OFF)
    return NULL;
  if (g_strv_length (answers->dns) > 0)
    key = "dns";
  else if (g_strv_length (answers->ntp) > 0)
    key = "ntp";
  else if (answers->webhook != NULL)
    key = "webhook";
  if (key == NULL)
    return NULL;
  return g_strdup_printf (_ ("%s= needs an address of the host, but ipv4=off and ipv6=off leave it "
                             "without"),
                          key);
}

static char *
check_webhook (const LodgeAnswers *answers)
{
  if (answers->webhook_fingerprint != NULL && answers->webhook == NULL)
    return g_strdup (_ ("webhook-fingerprint= is the certificate of a webhook=, which is missing"));
  return NULL;
}

/* Each rule with the keys it looks at; the error names the line of the first that was given. */
static const struct
{
  Rule *check;
  const char *keys[8];
} rules[] = {
  { check_disks, { "storage.disks", "storage.layout" } },
  { check_erase, { "storage.erase", "storage.layout" } },
  { check_erased_disks, { "storage.erase", "storage.disks" } },
  { check_ports, { "network.port", "network.bond" } },
  { check_bridge, { "network.bridge", "network.bond", "network.vlan" } },
  { check_mtu, { "network.mtu", "network.ipv6" } },
  { check_static, { "network.address", "network.ipv4" } },
  { check_static6, { "network.address6", "network.ipv6" } },
  { check_gateway, { "network.gateway", "network.address", "network.ipv4" } },
  { check_gateway6, { "network.gateway6", "network.address6", "network.ipv6" } },
  { check_offline,
    { "network.ipv6", "network.ipv4", "network.dns", "network.ntp", "finish.webhook" } },
  { check_webhook, { "finish.webhook-fingerprint", "finish.webhook" } },
};

/* The row's number of "SECTION.KEY". */
static gsize
row_of (const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, ".", 2);
  gsize count;

  return (gsize)(lodge_answer_key_find (parts[0], parts[1]) - lodge_answer_keys (&count));
}

/* The first contradiction that does not hang on an open key, or NULL.  *NAMED receives the row of
 * the rule's first key that was given (LINES), or else of its first key. */
static char *
find_contradiction (const LodgeAnswers *answers, const guint *lines, const gboolean *open,
                    gsize *named)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autofree char *message = rules[i].check (answers);
      gboolean is_open = FALSE;
      gboolean found = FALSE;

      if (message == NULL)
        continue;
      *named = row_of (rules[i].keys[0]);
      for (gsize j = 0; j < G_N_ELEMENTS (rules[i].keys) && rules[i].keys[j] != NULL; j++)
        {
          gsize row = row_of (rules[i].keys[j]);

          is_open = is_open || (open != NULL && open[row]);
          if (!found && lines != NULL && lines[row] != 0)
            {
              *named = row;
              found = TRUE;
            }
        }
      if (!is_open)
        return g_steal_pointer (&message);
    }
  return NULL;
}

gboolean
lodge_answer_rules_check (const LodgeAnswers *answers, const LodgeAnswerOrigin *origin,
                          GError **error)
{
  gsize row = 0;
  g_autofree char *message = find_contradiction (answers, origin->lines, origin->open, &row);

  if (message == NULL)
    return TRUE;
  return lodge_keyfile_error (error, origin->keyfile, origin->lines[row], "%s", message);
}

const LodgeAnswerKey *
lodge_answer_rules_find (const LodgeAnswers *answers, char **message)
{
  gsize count;
  gsize row = 0;

  *message = find_contradiction (answers, NULL, NULL, &row);
  return *message != NULL ? &lodge_answer_keys (&count)[row] : NULL;
}
