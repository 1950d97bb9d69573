/* One answers.conf for many hosts, read.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "builder/classroom.h"

static void
host_free (gpointer data)
{
  LodgeClassroomHost *host = data;

  g_free (host->by);
  g_free (host->value);
  lodge_answers_reading_free (host->reading);
  g_free (host);
}

static void
clash_free (gpointer data)
{
  LodgeClash *clash = data;

  g_free (clash->message);
  g_ptr_array_unref (clash->hosts);
  g_free (clash);
}

void
lodge_classroom_free (LodgeClassroom *classroom)
{
  if (classroom == NULL)
    return;
  g_free (classroom->path);
  g_ptr_array_unref (classroom->clashes);
  g_ptr_array_unref (classroom->hosts);
  g_ptr_array_unref (classroom->doubts);
  lodge_answers_reading_free (classroom->common);
  lodge_keyfile_free (classroom->keyfile);
  g_free (classroom->others);
  g_free (classroom);
}

LodgeClash *
lodge_classroom_add_clash (LodgeClassroom *classroom, const char *kind, guint line, guint other,
                           char *message)
{
  LodgeClash *clash = g_new0 (LodgeClash, 1);

  clash->kind = kind;
  clash->lines[0] = line;
  clash->lines[1] = other;
  clash->message = message;
  clash->hosts = g_ptr_array_new ();
  g_ptr_array_add (classroom->clashes, clash);
  return clash;
}

static gboolean
add_hosts (LodgeClassroom *classroom, GError **error)
{
  const GPtrArray *matches = classroom->common->matches;

  for (guint i = 0; i < matches->len; i++)
    {
      const LodgeAnswerMatch *match = g_ptr_array_index (matches, i);
      const LodgeAnswerMatch *first = g_ptr_array_index (matches, 0);
      LodgeAnswersReading *reading
          = lodge_answers_reading_one (classroom->keyfile, classroom->common, match, error);
      LodgeClassroomHost *host;

      if (reading == NULL)
        return FALSE;
      host = g_new0 (LodgeClassroomHost, 1);
      host->by = g_strdup (match->by);
      host->value = g_strdup (match->value);
      host->line = match->line;
      host->reading = reading;
      g_ptr_array_add (classroom->hosts, host);
      if (strcmp (match->by, first->by) != 0)
        classroom->mixed = TRUE;
      if (reading->answers->hostname == NULL)
        classroom->without_names++;
    }
  return TRUE;
}

LodgeClassroom *
lodge_classroom_read (const char *path, const char *text, gsize length, GError **error)
{
  g_autoptr (LodgeClassroom) classroom = g_new0 (LodgeClassroom, 1);
  LodgeHostIdentity nobody = { 0 };

  classroom->path = g_strdup (path);
  classroom->hosts = g_ptr_array_new_with_free_func (host_free);
  classroom->clashes = g_ptr_array_new_with_free_func (clash_free);
  classroom->doubts = g_ptr_array_new_with_free_func (g_free);
  classroom->keyfile = lodge_keyfile_parse (path, text, length, error);
  if (classroom->keyfile == NULL)
    return NULL;
  classroom->common = lodge_answers_reading_new (classroom->keyfile, &nobody, error);
  if (classroom->common == NULL || !add_hosts (classroom, error))
    return NULL;
  lodge_answer_rules_find (classroom->common->answers, &classroom->others);
  lodge_classroom_find_placeholders (classroom);
  lodge_classroom_find_clashes (classroom);
  lodge_classroom_find_contradictions (classroom);
  return g_steal_pointer (&classroom);
}
