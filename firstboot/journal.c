/* The journal of steps, one file replaced whole.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first line carries the SHA-256 of the rest.  Replacing the file by rename keeps it whole
 * through a power cut; the sum is for what rename cannot answer for (a worn-out stick): a file cut
 * at a line's end would parse, and steps that were done would look as if they had never begun.
 */
#include "firstboot/journal.h"

#include "common/error.h"
#include "common/file.h"

#include <errno.h>
#include <string.h>

#define JOURNAL_FILE "journal.conf"
#define JOURNAL_LIMIT (1024 * 1024)
#define JOURNAL_HEADER "# The journal of lodge-firstboot.  sha256="
#define STEP_GROUP "step "

typedef struct
{
  char *id;
  LodgeStepState state;
  char *message;       /* or NULL */
  gint64 milliseconds; /* -1: unknown */
} Entry;

struct _LodgeJournal
{
  char *path;
  LodgePlan *plan;    /* NULL: no run began */
  GPtrArray *entries; /* of Entry; a step without one is pending */
};

static const char *const state_names[] = {
  [LODGE_STEP_PENDING] = "pending",
  [LODGE_STEP_STARTED] = "started",
  [LODGE_STEP_DONE] = "done",
  [LODGE_STEP_FAILED] = "failed",
};

const char *
lodge_step_state_name (LodgeStepState state)
{
  return state_names[state];
}

static gboolean
state_from_name (const char *name, LodgeStepState *state)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_names); i++)
    if (g_str_equal (name, state_names[i]))
      {
        *state = (LodgeStepState)i;
        return TRUE;
      }
  return FALSE;
}

static Entry *
entry_new (const char *id, LodgeStepState state, const char *message, gint64 milliseconds)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->id = g_strdup (id);
  entry->state = state;
  entry->message = g_strdup (message);
  entry->milliseconds = milliseconds;
  return entry;
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->id);
  g_free (entry->message);
  g_free (entry);
}

static GPtrArray *
entries_new (void)
{
  return g_ptr_array_new_with_free_func (entry_free);
}

static const Entry *
find_entry (const GPtrArray *entries, const char *id)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = entries->pdata[i];
      if (g_str_equal (entry->id, id))
        return entry;
    }
  return NULL;
}

/* --- reading --- */

/* What follows the first line, when that line's sum is right; NULL otherwise. */
static const char *
check_sum (const char *text, gsize length)
{
  const char *end = memchr (text, '\n', length);
  const char *rest;
  g_autofree char *sum = NULL;
  gsize header = strlen (JOURNAL_HEADER);

  if (end == NULL || !g_str_has_prefix (text, JOURNAL_HEADER))
    return NULL;
  rest = end + 1;
  sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, rest,
                                       (gssize)(length - (gsize)(rest - text)));
  if ((gsize)(end - text) != header + strlen (sum)
      || strncmp (text + header, sum, strlen (sum)) != 0)
    return NULL;
  return rest;
}

static gboolean
read_entry (GKeyFile *file, const char *group, GPtrArray *entries, GError **error)
{
  g_autofree char *name = g_key_file_get_string (file, group, "state", error);
  g_autofree char *message = g_key_file_get_string (file, group, "message", NULL);
  gint64 milliseconds = -1;
  LodgeStepState state;

  if (name == NULL)
    return FALSE;
  if (!state_from_name (name, &state))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "[%s] has the unknown state \"%s\"", group,
                            name);
  if (g_key_file_has_key (file, group, "milliseconds", NULL))
    milliseconds = g_key_file_get_int64 (file, group, "milliseconds", NULL);
  g_ptr_array_add (entries, entry_new (group + strlen (STEP_GROUP), state, message, milliseconds));
  return TRUE;
}

static gboolean
read_entries (const char *text, GPtrArray *entries, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) groups = NULL;

  if (!g_key_file_load_from_data (file, text, (gsize)-1, G_KEY_FILE_NONE, error))
    return FALSE;
  groups = g_key_file_get_groups (file, NULL);
  for (guint i = 0; groups[i] != NULL; i++)
    if (g_str_has_prefix (groups[i], STEP_GROUP) && !read_entry (file, groups[i], entries, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_journal (LodgeJournal *journal, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autofree char *text = NULL;
  const char *rest;
  gsize length;

  if (!g_file_test (journal->path, G_FILE_TEST_EXISTS))
    return TRUE;
  text = lodge_file_read (journal->path, JOURNAL_LIMIT, &length, error);
  if (text == NULL)
    return FALSE;
  rest = check_sum (text, length);
  if (rest == NULL)
    return lodge_error_set (
        error, LODGE_ERROR_FAILED,
        "%s is damaged, so where setup stood is not known: look at the added disk, then remove the "
        "file to begin setup anew (a disk that holds anything stays refused)",
        journal->path);
  journal->plan = lodge_plan_deserialize (journal->path, rest, error);
  if (journal->plan == NULL)
    return FALSE;
  if (!read_entries (rest, journal->entries, &problem))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s cannot be read: %s", journal->path,
                            problem->message);
  return TRUE;
}

LodgeJournal *
lodge_journal_open (const char *directory, GError **error)
{
  g_autoptr (LodgeJournal) journal = g_new0 (LodgeJournal, 1);

  journal->path = g_build_filename (directory, JOURNAL_FILE, NULL);
  journal->entries = entries_new ();
  if (!read_journal (journal, error))
    return NULL;
  return g_steal_pointer (&journal);
}

void
lodge_journal_free (LodgeJournal *journal)
{
  if (journal == NULL)
    return;
  g_free (journal->path);
  lodge_plan_free (journal->plan);
  g_clear_pointer (&journal->entries, g_ptr_array_unref);
  g_free (journal);
}

/* --- writing --- */

static char *
format_journal (const LodgePlan *plan, const GPtrArray *entries)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *plan_text = lodge_plan_serialize (plan);
  g_autofree char *steps_text = NULL;
  g_autofree char *body = NULL;
  g_autofree char *sum = NULL;

  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = entries->pdata[i];
      g_autofree char *group = g_strconcat (STEP_GROUP, entry->id, NULL);

      g_key_file_set_string (file, group, "state", state_names[entry->state]);
      if (entry->message != NULL)
        g_key_file_set_string (file, group, "message", entry->message);
      if (entry->milliseconds >= 0)
        g_key_file_set_int64 (file, group, "milliseconds", entry->milliseconds);
    }
  steps_text = g_key_file_to_data (file, NULL, NULL);
  body = g_strconcat (plan_text, "\n", steps_text, NULL);
  sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, body, -1);
  return g_strconcat (JOURNAL_HEADER, sum, "\n", body, NULL);
}

static gboolean
write_journal (const LodgeJournal *journal, const LodgePlan *plan, const GPtrArray *entries,
               GError **error)
{
  g_autofree char *text = format_journal (plan, entries);

  return lodge_file_replace (journal->path, text, -1, 0600, error);
}

gboolean
lodge_journal_begin (LodgeJournal *journal, const LodgePlan *plan, const LodgeJournalEntry *entries,
                     gsize count, GError **error)
{
  g_autoptr (GPtrArray) kept = entries_new ();
  g_autofree char *text = NULL;
  g_autoptr (LodgePlan) copy = NULL;

  for (gsize i = 0; i < count; i++)
    {
      const Entry *old = find_entry (journal->entries, entries[i].step);
      gboolean still_done
          = old != NULL && old->state == LODGE_STEP_DONE && entries[i].state == LODGE_STEP_DONE;

      g_ptr_array_add (kept, entry_new (entries[i].step, entries[i].state, NULL,
                                        still_done ? old->milliseconds : -1));
    }

  /* The plan is read back: what a later boot goes on with is what is used now. */
  text = lodge_plan_serialize (plan);
  copy = lodge_plan_deserialize (journal->path, text, error);
  if (copy == NULL || !write_journal (journal, copy, kept, error))
    return FALSE;

  lodge_plan_free (journal->plan);
  journal->plan = g_steal_pointer (&copy);
  g_ptr_array_unref (journal->entries);
  journal->entries = g_steal_pointer (&kept);
  return TRUE;
}

gboolean
lodge_journal_record (LodgeJournal *journal, const char *step, LodgeStepState state,
                      const char *message, gint64 milliseconds, GError **error)
{
  g_autoptr (GPtrArray) entries = entries_new ();
  gboolean found = FALSE;

  if (journal->plan == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s: no run was begun", journal->path);
  for (guint i = 0; i < journal->entries->len; i++)
    {
      const Entry *entry = journal->entries->pdata[i];

      if (g_str_equal (entry->id, step))
        {
          found = TRUE;
          g_ptr_array_add (entries, entry_new (step, state, message, milliseconds));
        }
      else
        g_ptr_array_add (entries,
                         entry_new (entry->id, entry->state, entry->message, entry->milliseconds));
    }
  if (!found)
    g_ptr_array_add (entries, entry_new (step, state, message, milliseconds));

  if (!write_journal (journal, journal->plan, entries, error))
    return FALSE;
  g_ptr_array_unref (journal->entries);
  journal->entries = g_steal_pointer (&entries);
  return TRUE;
}

/* --- asking --- */

const LodgePlan *
lodge_journal_plan (const LodgeJournal *journal)
{
  return journal->plan;
}

LodgeStepState
lodge_journal_state (const LodgeJournal *journal, const char *step)
{
  const Entry *entry = find_entry (journal->entries, step);

  return entry != NULL ? entry->state : LODGE_STEP_PENDING;
}

const char *
lodge_journal_message (const LodgeJournal *journal, const char *step)
{
  const Entry *entry = find_entry (journal->entries, step);

  return entry != NULL ? entry->message : NULL;
}

gint64
lodge_journal_milliseconds (const LodgeJournal *journal, const char *step)
{
  const Entry *entry = find_entry (journal->entries, step);

  return entry != NULL ? entry->milliseconds : -1;
}

gboolean
lodge_journal_complete (const LodgeJournal *journal, const LodgeStep *steps, gsize count)
{
  if (journal->plan == NULL)
    return FALSE;
  for (gsize i = 0; i < count; i++)
    if (lodge_journal_state (journal, steps[i].id) != LODGE_STEP_DONE)
      return FALSE;
  return TRUE;
}
