/* What hosts of one answers.conf have in common that they must not have.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <gio/gio.h>
#include <string.h>

#include "builder/classroom.h"
#include "common/placeholder.h"

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

/* Takes MESSAGE. */
static void
add_clash (LodgeClassroom *classroom, const char *kind, guint line, guint other, char *message)
{
  LodgeClash *clash = g_new0 (LodgeClash, 1);

  clash->kind = kind;
  clash->lines[0] = line;
  clash->lines[1] = other;
  clash->message = message;
  g_ptr_array_add (classroom->clashes, clash);
}

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

static guint
count_shared (const GPtrArray *same, guint line)
{
  guint count = 0;

  for (guint i = 0; i < same->len; i++)
    if (((const Claim *)g_ptr_array_index (same, i))->line == line)
      count++;
  return count;
}

/* Tells of the claim at INDEX of SAME, which all claim the same value. */
static void
compare (Search *search, const GPtrArray *same, guint index)
{
  const Claim *claim = g_ptr_array_index (same, index);
  const Claim *first = g_ptr_array_index (same, 0);
  const Claim *shares = NULL;
  guint before = 0;

  for (guint i = 0; i < index; i++)
    {
      const Claim *other = g_ptr_array_index (same, i);

      if (other->line == claim->line)
        {
          shares = other;
          before++;
        }
    }
  if (before == 1)
    add_clash (
        search->classroom, claim->kind, claim->line, 0,
        describe_shared (search->classroom, claim, shares, count_shared (same, claim->line)));
  else if (before == 0)
    {
      const Claim *later = claim->line > first->line ? claim : first;
      const Claim *earlier = later == claim ? first : claim;

      add_clash (search->classroom, later->kind, later->line, earlier->line,
                 describe_pair (search->classroom, later, earlier));
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
    {
      const GPtrArray *same = g_ptr_array_index (groups, i);

      for (guint j = 1; j < same->len; j++)
        compare (search, same, j);
    }
}

/* Who has the address of another one's gateway takes the network from all that go by it. */
static void
find_gateways (Search *search)
{
  g_autoptr (GHashTable) gateways = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const LodgeClassroom *classroom = search->classroom;

  for (guint i = 0; i < classroom->hosts->len; i++)
    {
      const LodgeClassroomHost *host = g_ptr_array_index (classroom->hosts, i);
      const LodgeAnswers *answers = host->reading->answers;

      if (answers->gateway != NULL)
        g_hash_table_insert (gateways, bare_address (answers->gateway), (gpointer)host);
      if (answers->gateway6 != NULL)
        g_hash_table_insert (gateways, bare_address (answers->gateway6), (gpointer)host);
    }
  for (guint i = 0; i < search->claims->len; i++)
    {
      const Claim *claim = g_ptr_array_index (search->claims, i);
      const LodgeClassroomHost *other = strcmp (claim->kind, "address") == 0
                                            ? g_hash_table_lookup (gateways, claim->value)
                                            : NULL;

      if (other != NULL)
        add_clash (search->classroom, claim->kind, claim->line, other->line,
                   g_strdup_printf ("%s:%u: %s of %s=%s is the gateway of %s=%s (%s:%u), which "
                                    "could not be reached then: give the host another address",
                                    classroom->path, claim->line, claim->said, claim->host->by,
                                    claim->host->value, other->by, other->value, classroom->path,
                                    other->line));
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

/* --- what is wrong with one host --- */

/* Firmware that nobody filled in says such words, and lodge-firstboot does not take them for a
 * name. */
static void
check_identity (LodgeClassroom *classroom, const LodgeClassroomHost *host)
{
  if (strcmp (host->by, "mac") == 0 || !lodge_is_placeholder (host->value))
    return;
  add_clash (classroom, "identity", host->line, 0,
             g_strdup_printf ("%s:%u: %s=%s is what many machines say that were given none, so no "
                              "host is found by it: name the host by mac=",
                              classroom->path, host->line, host->by, host->value));
}

/* Whether ROW is not of HOST's own section, and one that names hosts in another way sets it: the
 * same machine may be in both, and what HOST lacks may be there. */
static gboolean
is_open (const LodgeClassroom *classroom, const LodgeClassroomHost *host, gsize row)
{
  if (host->reading->lines[row] != classroom->common->lines[row])
    return FALSE;
  for (guint i = 0; i < classroom->hosts->len; i++)
    {
      const LodgeClassroomHost *other = g_ptr_array_index (classroom->hosts, i);

      if (strcmp (other->by, host->by) != 0
          && other->reading->lines[row] != classroom->common->lines[row])
        return TRUE;
    }
  return FALSE;
}

static gboolean
may_be_mended (const LodgeClassroom *classroom, const LodgeKeyfile *keyfile,
               const LodgeClassroomHost *host)
{
  gsize count;
  g_autofree gboolean *open = NULL;
  LodgeAnswerOrigin origin = { .keyfile = keyfile, .lines = host->reading->lines };

  lodge_answer_keys (&count);
  origin.open = open = g_new0 (gboolean, count);
  for (gsize i = 0; i < count; i++)
    open[i] = is_open (classroom, host, i);
  return lodge_answer_rules_check (host->reading->answers, &origin, NULL);
}

static void
add_contradiction (LodgeClassroom *classroom, const LodgeKeyfile *keyfile,
                   const LodgeClassroomHost *host, const char *message, guint hosts)
{
  g_autofree char *more = hosts > 1 ? g_strdup_printf (" and %u more", hosts - 1) : g_strdup ("");
  char *text = g_strdup_printf ("%s (the host %s=%s, %s:%u%s)", message, host->by, host->value,
                                classroom->path, host->line, more);

  if (may_be_mended (classroom, keyfile, host))
    {
      g_ptr_array_add (classroom->doubts,
                       g_strconcat (text, ", unless another section fits it too", NULL));
      g_free (text);
    }
  else
    add_clash (classroom, "contradiction", host->line, 0, text);
}

/* A contradiction of several hosts, which comes from what they have in common, is told once. */
static void
check_contradictions (LodgeClassroom *classroom, const LodgeKeyfile *keyfile)
{
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) hosts = g_ptr_array_new (); /* the first with each message */
  g_autoptr (GArray) counts = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < classroom->hosts->len; i++)
    {
      LodgeClassroomHost *host = g_ptr_array_index (classroom->hosts, i);
      LodgeAnswerOrigin origin = { .keyfile = keyfile, .lines = host->reading->lines };
      g_autoptr (GError) problem = NULL;
      const guint one = 1;
      guint known;

      if (lodge_answer_rules_check (host->reading->answers, &origin, &problem))
        continue;
      if (g_ptr_array_find_with_equal_func (messages, problem->message, g_str_equal, &known))
        g_array_index (counts, guint, known)++;
      else
        {
          g_ptr_array_add (messages, g_strdup (problem->message));
          g_ptr_array_add (hosts, host);
          g_array_append_val (counts, one);
        }
    }
  for (guint i = 0; i < messages->len; i++)
    add_contradiction (classroom, keyfile, g_ptr_array_index (hosts, i),
                       g_ptr_array_index (messages, i), g_array_index (counts, guint, i));
}

void
lodge_classroom_find_clashes (LodgeClassroom *classroom, const LodgeKeyfile *keyfile)
{
  g_autoptr (GPtrArray) claims = g_ptr_array_new_with_free_func (claim_free);
  Search search = { .classroom = classroom, .claims = claims };

  for (guint i = 0; i < classroom->hosts->len; i++)
    {
      const LodgeClassroomHost *host = g_ptr_array_index (classroom->hosts, i);

      check_identity (classroom, host);
      claim_addresses (&search, host);
      claim_name (&search, host);
      claim_macs (&search, host);
    }
  find_same (&search);
  find_gateways (&search);
  check_common (classroom);
  check_contradictions (classroom, keyfile);
}
