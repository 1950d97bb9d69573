/* `status`: where setup stands.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/command.h"

#include "firstboot/apply.h"
#include "firstboot/lock.h"

typedef struct
{
  LodgeJournal *journal;
  const LodgeStep *steps;
  gsize count;
  gboolean complete;
  gboolean change; /* a change of a complete setup did not end */
  char *outcome;
  char *line;
} Status;

static void
status_clear (Status *status)
{
  g_clear_pointer (&status->journal, lodge_journal_free);
  g_clear_pointer (&status->outcome, g_free);
  g_clear_pointer (&status->line, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Status, status_clear)

static gboolean
find_status (Status *status, const char *root, GError **error)
{
  g_autofree char *directory = g_strconcat (root, LODGE_STATE_DIRECTORY, NULL);
  g_autofree char *lock = g_strconcat (root, LODGE_LOCK_PATH, NULL);
  const LodgePlan *plan;

  status->steps = lodge_steps (&status->count);
  status->journal = lodge_journal_open (directory, error);
  if (status->journal == NULL)
    return FALSE;
  status->complete = lodge_journal_complete (status->journal, status->steps, status->count);
  plan = lodge_journal_plan (status->journal);
  status->change = !status->complete && plan != NULL && plan->steps != NULL;
  if (lodge_lock_is_taken (lock))
    {
      status->outcome = g_strdup ("running");
      status->line = g_strdup ("lodge: setup is running");
    }
  else if (!lodge_report_last (directory, &status->outcome, &status->line))
    {
      status->outcome = g_strdup ("waiting");
      status->line = g_strdup ("lodge: setup has not begun");
    }
  else if (g_str_equal (status->outcome, "running") || status->line == NULL)
    {
      /* The power was cut: no run came to say how it ended. */
      g_free (status->outcome);
      g_free (status->line);
      status->outcome = g_strdup ("interrupted");
      status->line = g_strdup ("lodge: setup was interrupted: it goes on at the next boot, or with "
                               "`lodge-firstboot apply`");
    }
  return TRUE;
}

/* WARNINGS are of char *. */
static void
print_text (const Status *status, const GPtrArray *warnings)
{
  g_print ("%s\n", status->line);
  if (status->change)
    g_print ("lodge: this was a change (--reconfigure) of a host that is set up; `lodge-firstboot "
             "apply` tries it again\n");
  if (lodge_journal_plan (status->journal) == NULL)
    return;
  for (gsize i = 0; i < status->count; i++)
    {
      const char *id = status->steps[i].id;
      const char *message = lodge_journal_message (status->journal, id);
      gint64 milliseconds = lodge_journal_milliseconds (status->journal, id);
      g_autofree char *seconds = milliseconds < 0
                                     ? g_strdup ("")
                                     : g_strdup_printf ("%.1f s", (double)milliseconds / 1000);

      g_print ("%3u  %-14s  %-7s  %8s  %s\n", LODGE_STEP_FIRST + (guint)i, id,
               lodge_step_state_name (lodge_journal_state (status->journal, id)), seconds,
               message != NULL ? message : status->steps[i].title);
    }
  for (guint i = 0; i < warnings->len; i++)
    g_print ("warning: %s\n", (const char *)warnings->pdata[i]);
}

static void
print_json (const Status *status, const GPtrArray *warnings)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *steps = json_array_new ();
  JsonArray *lines = json_array_new ();
  g_autofree char *text = NULL;

  json_object_set_string_member (object, "outcome", status->outcome);
  json_object_set_string_member (object, "line", status->line);
  json_object_set_boolean_member (object, "change", status->change);
  for (gsize i = 0; i < status->count; i++)
    {
      const char *id = status->steps[i].id;
      const char *message = lodge_journal_message (status->journal, id);
      gint64 milliseconds = lodge_journal_milliseconds (status->journal, id);
      JsonObject *row = json_object_new ();

      json_object_set_int_member (row, "number", LODGE_STEP_FIRST + (gint64)i);
      json_object_set_string_member (row, "id", id);
      json_object_set_string_member (row, "title", status->steps[i].title);
      json_object_set_string_member (
          row, "state", lodge_step_state_name (lodge_journal_state (status->journal, id)));
      if (milliseconds >= 0)
        json_object_set_int_member (row, "milliseconds", milliseconds);
      if (message != NULL)
        json_object_set_string_member (row, "message", message);
      json_array_add_object_element (steps, row);
    }
  json_object_set_array_member (object, "steps", steps);
  for (guint i = 0; i < warnings->len; i++)
    json_array_add_string_element (lines, warnings->pdata[i]);
  json_object_set_array_member (object, "warnings", lines);
  text = lodge_report_format (object);
  g_print ("%s", text);
}

int
lodge_command_status (const LodgeOptions *options, GError **error)
{
  g_auto (Status) status = { 0 };
  g_autofree char *directory = g_strconcat (options->root, LODGE_STATE_DIRECTORY, NULL);
  g_autoptr (GPtrArray) warnings = NULL;

  if (!find_status (&status, options->root, error))
    return 1;
  warnings = lodge_report_warnings (directory);
  if (options->json)
    print_json (&status, warnings);
  else
    print_text (&status, warnings);
  return status.complete ? 0 : 1;
}
