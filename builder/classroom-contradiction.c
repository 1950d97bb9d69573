/* What cannot be right with one host of an answers.conf, whatever the others have.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "builder/classroom.h"
#include "common/placeholder.h"

/* Who sets a key: the `by` of the first host whose own section does, or NULL; and whether one that
 * is named in another way does too. */
typedef struct
{
  const char *by;
  gboolean several;
} Setter;

typedef struct
{
  LodgeClassroom *classroom;
  gsize n_rows;
  Setter *setters; /* by row */
} Search;

/* The hosts with one contradiction. */
typedef struct
{
  char *message;
  GPtrArray *hosts; /* of LodgeClassroomHost */
} Contradiction;

static void
contradiction_free (gpointer data)
{
  Contradiction *contradiction = data;

  g_free (contradiction->message);
  g_ptr_array_unref (contradiction->hosts);
  g_free (contradiction);
}

/* Firmware that nobody filled in says such words, and lodge-firstboot does not take them for a
 * name. */
void
lodge_classroom_find_placeholders (LodgeClassroom *classroom)
{
  for (guint i = 0; i < classroom->hosts->len; i++)
    {
      LodgeClassroomHost *host = g_ptr_array_index (classroom->hosts, i);
      LodgeClash *clash;

      if (strcmp (host->by, "mac") == 0 || !lodge_is_placeholder (host->value))
        continue;
      clash = lodge_classroom_add_clash (
          classroom, "identity", host->line, 0,
          g_strdup_printf ("%s:%u: %s=%s is what many machines say that were given none, so no "
                           "host is found by it: name the host by mac=",
                           classroom->path, host->line, host->by, host->value));
      g_ptr_array_add (clash->hosts, host);
    }
}

/* Whether ROW is of HOST's own section. */
static gboolean
sets (const LodgeClassroom *classroom, const LodgeClassroomHost *host, gsize row)
{
  return host->reading->lines[row] != classroom->common->lines[row];
}

static void
find_setters (Search *search)
{
  for (guint i = 0; i < search->classroom->hosts->len; i++)
    {
      const LodgeClassroomHost *host = g_ptr_array_index (search->classroom->hosts, i);

      for (gsize row = 0; row < search->n_rows; row++)
        {
          Setter *setter = &search->setters[row];

          if (!sets (search->classroom, host, row))
            continue;
          if (setter->by == NULL)
            setter->by = host->by;
          else if (strcmp (setter->by, host->by) != 0)
            setter->several = TRUE;
        }
    }
}

/* Whether ROW is not of HOST's own section, and one that names hosts in another way sets it: the
 * same machine may be in both, and what HOST lacks may be there. */
static gboolean
is_open (const Search *search, const LodgeClassroomHost *host, gsize row)
{
  const Setter *setter = &search->setters[row];

  return !sets (search->classroom, host, row)
         && (setter->several || (setter->by != NULL && strcmp (setter->by, host->by) != 0));
}

static gboolean
may_be_mended (const Search *search, const LodgeClassroomHost *host)
{
  g_autofree gboolean *open = g_new0 (gboolean, search->n_rows);
  LodgeAnswerOrigin origin
      = { .keyfile = search->classroom->keyfile, .lines = host->reading->lines, .open = open };

  for (gsize i = 0; i < search->n_rows; i++)
    open[i] = is_open (search, host, i);
  return lodge_answer_rules_check (host->reading->answers, &origin, NULL);
}

static void
tell (const Search *search, const Contradiction *contradiction)
{
  LodgeClassroom *classroom = search->classroom;
  const LodgeClassroomHost *host = g_ptr_array_index (contradiction->hosts, 0);
  g_autofree char *more = contradiction->hosts->len > 1
                              ? g_strdup_printf (" and %u more", contradiction->hosts->len - 1)
                              : g_strdup ("");
  g_autofree char *text
      = g_strdup_printf ("%s (the host %s=%s, %s:%u%s)", contradiction->message, host->by,
                         host->value, classroom->path, host->line, more);

  if (may_be_mended (search, host))
    g_ptr_array_add (classroom->doubts,
                     g_strconcat (text, ", unless another section fits it too", NULL));
  else
    {
      LodgeClash *clash = lodge_classroom_add_clash (classroom, "contradiction", host->line, 0,
                                                     g_steal_pointer (&text));

      g_ptr_array_extend (clash->hosts, contradiction->hosts, NULL, NULL);
    }
}

/* A contradiction of several hosts, which comes from what they have in common, is told once. */
void
lodge_classroom_find_contradictions (LodgeClassroom *classroom)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (contradiction_free);
  g_autoptr (GHashTable) by_message = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree Setter *setters = NULL;
  Search search = { .classroom = classroom };

  for (guint i = 0; i < classroom->hosts->len; i++)
    {
      LodgeClassroomHost *host = g_ptr_array_index (classroom->hosts, i);
      LodgeAnswerOrigin origin = { .keyfile = classroom->keyfile, .lines = host->reading->lines };
      g_autoptr (GError) problem = NULL;
      Contradiction *contradiction;

      if (lodge_answer_rules_check (host->reading->answers, &origin, &problem))
        continue;
      contradiction = g_hash_table_lookup (by_message, problem->message);
      if (contradiction == NULL)
        {
          contradiction = g_new0 (Contradiction, 1);
          contradiction->message = g_strdup (problem->message);
          contradiction->hosts = g_ptr_array_new ();
          g_ptr_array_add (found, contradiction);
          g_hash_table_insert (by_message, contradiction->message, contradiction);
        }
      g_ptr_array_add (contradiction->hosts, host);
    }
  lodge_answer_keys (&search.n_rows);
  setters = g_new0 (Setter, search.n_rows);
  search.setters = setters;
  find_setters (&search);
  for (guint i = 0; i < found->len; i++)
    tell (&search, g_ptr_array_index (found, i));
}
