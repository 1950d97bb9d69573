/* What hosts of one answers.conf have in common that they must not have.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <gio/gio.h>
#include <string.h>

#include "builder/classroom.h"

/* Something that a host has to itself: no other may claim the same. */
typedef struct
{
  const LodgeClassroomHost *host;
  const char *kind;
  char *said;  /* as it stands in the file: "address=192.0.2.11/24" */
  char *value; /* what is compared */
  guint line;
} Claim;

typedef struct
{
  LodgeClassroom *classroom;
  GPtrArray *claims; /* of Claim */
} Search;

static void
claim_free (gpointer data)
{
  Claim *claim = data;

  g_free (claim->said);
  g_free (claim->value);
  g_free (claim);
}

/* The claims of one value that stand in the same line. */
typedef struct
{
  const Claim *first;
  guint claims; /* number of them */
  guint seen;   /* number of them that were told of */
} Line;

/* --- what each host claims --- */

/* Takes SAID and VALUE. */
static void
add_claim (Search *search, const LodgeClassroomHost *host, const char *kind, guint line, char *said,
           char *value)
{
  Claim *claim = g_new0 (Claim, 1);

  claim->host = host;
  claim->kind = kind;
  claim->line = line;
  claim->said = said;
  claim->value = value;
  g_ptr_array_add (search->claims, claim);
}

static guint
line_of (const LodgeClassroomHost *host, const char *section, const char *key)
{
  gsize count;
  const LodgeAnswerKey *rows = lodge_answer_keys (&count);

  return host->reading->lines[lodge_answer_key_find (section, key) - rows];
}

/* "192.0.2.11/24" without its prefix length, in the one spelling of the address. */
static char *
bare_address (const char *interface)
{
  g_autofree char *text = g_strndup (interface, strcspn (interface, "/"));
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);

  return address != NULL ? g_inet_address_to_string (address) : g_steal_pointer (&text);
}

static void
claim_addresses (Search *search, const LodgeClassroomHost *host)
{
  const LodgeAnswers *answers = host->reading->answers;

  if (answers->address != NULL && answers->ipv4 == LODGE_IPV4_STATIC)
    add_claim (search, host, "address", line_of (host, "network", "address"),
               g_strdup_printf ("address=%s", answers->address), bare_address (answers->address));
  if (answers->address6 != NULL && answers->ipv6 == LODGE_IPV6_STATIC)
    add_claim (search, host, "address", line_of (host, "network", "address6"),
               g_strdup_printf ("address6=%s", answers->address6),
               bare_address (answers->address6));
}

static void
claim_name (Search *search, const LodgeClassroomHost *host)
{
  const char *name = host->reading->answers->hostname;

  if (name != NULL)
    add_claim (search, host, "hostname", line_of (host, "host", "hostname"),
               g_strdup_printf ("hostname=%s", name), g_ascii_strdown (name, -1));
}

/* The ports by which it is found and which it takes: a machine that has another host's port is
 * that host too. */
static void
claim_macs (Search *search, const LodgeClassroomHost *host)
{
  const GPtrArray *ports = host->reading->answers->ports;
  gboolean by_mac = strcmp (host->by, "mac") == 0;

  if (by_mac)
    add_claim (search, host, "mac", host->line, g_strdup_printf ("[match mac=%s]", host->value),
               g_strdup (host->value));
  for (guint i = 0; i < ports->len; i++)
    {
      const LodgeSelector *port = g_ptr_array_index (ports, i);

      if (port->kind == LODGE_SELECT_MAC && !(by_mac && strcmp (port->value, host->value) == 0))
        add_claim (search, host, "mac", line_of (host, "network", "port"),
                   g_strdup_printf ("port=mac:%s", port->value), g_strdup (port->value));
    }
}

/* --- who claims the same --- */

/* A value that stands in one line for several hosts: told once. */
static char *
describe_shared (const LodgeClassroom *classroom, const Claim *claim, const Claim *earlier,
                 guint hosts)
{
  g_autofree char *more = hosts > 2 ? g_strdup_printf (" and %u more", hosts - 2) : g_strdup ("");

  return g_strdup_printf (
      "%s:%u: %s is given to several hosts, %s=%s (%s:%u)%s %s=%s (%s:%u)%s: each needs its own",
      classroom->path, claim->line, claim->said, earlier->host->by, earlier->host->value,
      classroom->path, earlier->host->line, hosts > 2 ? "," : " and", claim->host->by,
      claim->host->value, classroom->path, claim->host->line, more);
}

/* "address=192.0.2.11/24 of mac=52:54:00:00:00:01"; a section says itself whose it is. */
static char *
describe_claim (const Claim *claim)
{
  if (g_str_has_prefix (claim->said, "["))
    return g_strdup (claim->said);
  return g_strdup_printf ("%s of %s=%s", claim->said, claim->host->by, claim->host->value);
}

static char *
describe_pair (const LodgeClassroom *classroom, const Claim *claim, const Claim *earlier)
{
  const char *mend = strcmp (claim->kind, "mac") == 0
                         ? "one machine would be both hosts: put its keys in one section, or "
                           "correct the address"
                     : strcmp (claim->host->by, earlier->host->by) != 0
                         ? "give each host its own, or, if both are one machine, put its keys in "
                           "one section"
                         : "give each host its own";
  g_autofree char *this = describe_claim (claim);
  g_autofree char *that = describe_claim (earlier);

  return g_strdup_printf ("%s:%u: %s clashes with %s (%s:%u): %s", classroom->path, claim->line,
                          this, that, classroom->path, earlier->line, mend);
}

/* By line number, of Line. */
static GHashTable *
index_lines (const GPtrArray *same)
{
  GHashTable *lines = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, g_free);

  for (guint i = 0; i < same->len; i++)
    {
      const Claim *claim = g_ptr_array_index (same, i);
      Line *line = g_hash_table_lookup (lines, GUINT_TO_POINTER (claim->line));

      if (line == NULL)
        {
          line = g_new0 (Line, 1);
          line->first = claim;
          g_hash_table_insert (lines, GUINT_TO_POINTER (claim->line), line);
        }
      line->claims++;
    }
  return lines;
}

/* CLASH is about all of CLAIMS (of Claim) that stand in LINE. */
static void
add_hosts (LodgeClash *clash, const GPtrArray *claims, guint line)
{
  for (guint i = 0; i < claims->len; i++)
    {
      const Claim *claim = g_ptr_array_index (claims, i);

      if (claim->line == line)
        g_ptr_array_add (clash->hosts, (gpointer)claim->host);
    }
}

/* Tells of SAME, which all claim the same value: of each that stands in a line of its own with the
 * first, of those that share a line once. */
static void
compare (Search *search, const GPtrArray *same)
{
  g_autoptr (GHashTable) lines = index_lines (same);
  const Claim *first = g_ptr_array_index (same, 0);

  for (guint i = 0; i < same->len; i++)
    {
      const Claim *claim = g_ptr_array_index (same, i);
      Line *line = g_hash_table_lookup (lines, GUINT_TO_POINTER (claim->line));

      line->seen++;
      if (line->seen == 2)
        add_hosts (lodge_classroom_add_clash (
                       search->classroom, claim->kind, claim->line, 0,
                       describe_shared (search->classroom, claim, line->first, line->claims)),
                   same, claim->line);
      else if (line->seen == 1 && claim != first)
        {
          const Claim *later = claim->line > first->line ? claim : first;
          const Claim *earlier = later == claim ? first : claim;

          LodgeClash *clash = lodge_classroom_add_clash (
              search->classroom, later->kind, later->line, earlier->line,
              describe_pair (search->classroom, later, earlier));

          g_ptr_array_add (clash->hosts, (gpointer)later->host);
          g_ptr_array_add (clash->hosts, (gpointer)earlier->host);
        }
    }
}

/* The claims of the same value together, as GPtrArray of Claim, in the order of the first. */
static GPtrArray *
group (const GPtrArray *claims)
{
  GPtrArray *groups = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  g_autoptr (GHashTable) by_value = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < claims->len; i++)
    {
      Claim *claim = g_ptr_array_index (claims, i);
      g_autofree char *key = g_strconcat (claim->kind, " ", claim->value, NULL);
      GPtrArray *same = g_hash_table_lookup (by_value, key);

      if (same == NULL)
        {
          same = g_ptr_array_new ();
          g_ptr_array_add (groups, same);
          g_hash_table_insert (by_value, g_steal_pointer (&key), same);
        }
      g_ptr_array_add (same, claim);
    }
  return groups;
}

static void
find_same (Search *search)
{
  g_autoptr (GPtrArray) groups = group (search->claims);

  for (guint i = 0; i < groups->len; i++)
    compare (search, g_ptr_array_index (groups, i));
}

/* GATEWAYS has those that go by each, as GPtrArray of LodgeClassroomHost, in the order of the file.
 */
static void
add_user (GHashTable *gateways, const char *gateway, const LodgeClassroomHost *host)
{
  g_autofree char *address = gateway != NULL ? bare_address (gateway) : NULL;
  GPtrArray *users = address != NULL ? g_hash_table_lookup (gateways, address) : NULL;

  if (address == NULL)
    return;
  if (users == NULL)
    {
      users = g_ptr_array_new ();
      g_hash_table_insert (gateways, g_steal_pointer (&address), users);
    }
  g_ptr_array_add (users, (gpointer)host);
}

/* The last of USERS but HOST, or NULL. */
static const LodgeClassroomHost *
last_other (const GPtrArray *users, const LodgeClassroomHost *host)
{
  for (guint i = users->len; i-- > 0;)
    if (g_ptr_array_index (users, i) != host)
      return g_ptr_array_index (users, i);
  return NULL;
}

/* Who has the address of another one's gateway takes the network from all that go by it.  That a
 * host's own gateway is its own address is a contradiction, told as such. */
static void
find_gateways (Search *search)
{
  g_autoptr (GHashTable) gateways
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  LodgeClassroom *classroom = search->classroom;

  for (guint i = 0; i < classroom->hosts->len; i++)
    {
      const LodgeClassroomHost *host = g_ptr_array_index (classroom->hosts, i);

      add_user (gateways, host->reading->answers->gateway, host);
      add_user (gateways, host->reading->answers->gateway6, host);
    }
  for (guint i = 0; i < search->claims->len; i++)
    {
      const Claim *claim = g_ptr_array_index (search->claims, i);
      GPtrArray *users = strcmp (claim->kind, "address") == 0
                             ? g_hash_table_lookup (gateways, claim->value)
                             : NULL;
      const LodgeClassroomHost *other = users != NULL ? last_other (users, claim->host) : NULL;

      if (other != NULL)
        {
          LodgeClash *clash = lodge_classroom_add_clash (
              classroom, claim->kind, claim->line, other->line,
              g_strdup_printf ("%s:%u: %s of %s=%s is the gateway of %s=%s (%s:%u), which "
                               "could not be reached then: give the host another address",
                               classroom->path, claim->line, claim->said, claim->host->by,
                               claim->host->value, other->by, other->value, classroom->path,
                               other->line));

          g_ptr_array_add (clash->hosts, (gpointer)claim->host);
          g_ptr_array_extend (clash->hosts, users, NULL, NULL);
        }
    }
}

/* What stands outside of [match …] goes to each host that no section names. */
static void
check_common (LodgeClassroom *classroom)
{
  const LodgeAnswers *common = classroom->common->answers;
  gboolean address = (common->address != NULL && common->ipv4 == LODGE_IPV4_STATIC)
                     || (common->address6 != NULL && common->ipv6 == LODGE_IPV6_STATIC);

  if (classroom->hosts->len == 0 || classroom->others != NULL || !address)
    return;
  g_ptr_array_add (classroom->doubts,
                   g_strdup_printf ("%s: an address stands outside of the [match …] sections, so "
                                    "all hosts that none of them names would have the same one",
                                    classroom->path));
}

void
lodge_classroom_find_clashes (LodgeClassroom *classroom)
{
  g_autoptr (GPtrArray) claims = g_ptr_array_new_with_free_func (claim_free);
  Search search = { .classroom = classroom, .claims = claims };

  for (guint i = 0; i < classroom->hosts->len; i++)
    {
      const LodgeClassroomHost *host = g_ptr_array_index (classroom->hosts, i);

      claim_addresses (&search, host);
      claim_name (&search, host);
      claim_macs (&search, host);
    }
  find_same (&search);
  find_gateways (&search);
  check_common (classroom);
}
