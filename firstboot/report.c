/* report.json.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/report.h"

#include "common/file.h"
#include "common/syntax.h"
#include "common/version.h"
#include "firstboot/report-facts.h"

#include <string.h>
#include <time.h>

#define REPORT_FILE "report.json"
#define REPORT_LIMIT (4 * 1024 * 1024)

struct _LodgeReport
{
  char *path;
  JsonObject *root;
};

/* Milliseconds since power-on: how long setup took of a boot, which no step can tell. */
static gint64
uptime (void)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);
  return (gint64)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
set_time (JsonObject *object, const char *prefix)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *text = g_date_time_format_iso8601 (now);
  g_autofree char *uptime_name = g_strconcat (prefix, "-uptime-milliseconds", NULL);

  json_object_set_string_member (object, prefix, text);
  json_object_set_int_member (object, uptime_name, uptime ());
}

/* The object in the report PATH that an earlier run left, or NULL. */
static JsonObject *
load (const char *path)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = lodge_file_read (path, REPORT_LIMIT, NULL, NULL);
  JsonNode *node;

  if (text == NULL || !json_parser_load_from_data (parser, text, -1, NULL))
    return NULL;
  node = json_parser_get_root (parser);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  return json_object_ref (json_node_get_object (node));
}

/* The rows of steps in REPORT (or NULL), or NULL when they are not what this version writes. */
static JsonArray *
load_steps (JsonObject *report)
{
  JsonNode *node = report != NULL ? json_object_get_member (report, "steps") : NULL;
  JsonArray *steps;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return NULL;
  steps = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonNode *row = json_array_get_element (steps, i);
      const char *id = NULL;

      if (JSON_NODE_HOLDS_OBJECT (row))
        id = json_object_get_string_member_with_default (json_node_get_object (row), "id", NULL);
      if (id == NULL)
        return NULL;
    }
  return json_array_ref (steps);
}

LodgeReport *
lodge_report_open (const char *directory)
{
  LodgeReport *report = g_new0 (LodgeReport, 1);
  g_autoptr (JsonObject) old = NULL;
  JsonArray *steps;

  report->path = g_build_filename (directory, REPORT_FILE, NULL);
  report->root = json_object_new ();
  old = load (report->path);
  steps = load_steps (old);
  json_object_set_string_member (report->root, "lodge-version", LODGE_VERSION);
  json_object_set_string_member (report->root, "outcome", "running");
  set_time (report->root, "began");
  json_object_set_array_member (report->root, "steps", steps != NULL ? steps : json_array_new ());
  return report;
}

gboolean
lodge_report_last (const char *directory, char **outcome, char **line)
{
  g_autofree char *path = g_build_filename (directory, REPORT_FILE, NULL);
  g_autoptr (JsonObject) report = load (path);

  if (report == NULL)
    return FALSE;
  *outcome = g_strdup (json_object_get_string_member_with_default (report, "outcome", "running"));
  *line = g_strdup (json_object_get_string_member_with_default (report, "line", NULL));
  return TRUE;
}

/* The lines of the array MEMBER of what a step measured, after PREFIX. */
static void
take_lines (JsonObject *measured, const char *member, const char *prefix, GPtrArray *lines)
{
  JsonNode *node = json_object_get_member (measured, member);
  JsonArray *array
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *line = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (line) && json_node_get_value_type (line) == G_TYPE_STRING)
        g_ptr_array_add (lines, g_strconcat (prefix, json_node_get_string (line), NULL));
    }
}

GPtrArray *
lodge_report_warnings (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, REPORT_FILE, NULL);
  g_autoptr (JsonObject) report = load (path);
  g_autoptr (JsonArray) steps = load_steps (report);
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonNode *node
          = json_object_get_member (json_array_get_object_element (steps, i), "measured");

      if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
        continue;
      take_lines (json_node_get_object (node), "not-defined", "not defined: ", lines);
      take_lines (json_node_get_object (node), "warnings", "", lines);
    }
  return lines;
}

void
lodge_report_free (LodgeReport *report)
{
  if (report == NULL)
    return;
  g_free (report->path);
  json_object_unref (report->root);
  g_free (report);
}

void
lodge_report_set_resumed (LodgeReport *report, gboolean resumed)
{
  json_object_set_boolean_member (report->root, "resumed", resumed);
}

void
lodge_report_set_host (LodgeReport *report, const LodgeHost *host)
{
  lodge_report_facts_add_host (report->root, host);
}

void
lodge_report_set_facts (LodgeReport *report, const LodgeFacts *facts)
{
  lodge_report_facts_add (report->root, facts);
}

/* Without secrets; the report is for everybody. */
static char *
format_answers (const LodgeAnswers *answers)
{
  LodgeAnswers shown = *answers;
  g_autofree char *webhook = answers->webhook != NULL ? lodge_url_to_show (answers->webhook) : NULL;

  shown.webhook = webhook;
  return lodge_answers_format (&shown, FALSE);
}

void
lodge_report_set_plan (LodgeReport *report, const LodgePlan *plan)
{
  JsonObject *object = json_object_new ();
  JsonArray *sentences = json_array_new ();
  g_autofree char *text = lodge_plan_describe (plan);
  g_autofree char *answers = format_answers (plan->answers);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0')
      json_array_add_string_element (sentences, lines[i]);
  json_object_set_string_member (object, "answers-source", plan->answers->source);
  json_object_set_string_member (object, "answers", answers);
  json_object_set_array_member (object, "sentences", sentences);
  json_object_set_object_member (report->root, "plan", object);
}

/* The index of STEP's row, or the number of rows. */
static guint
find_row (const LodgeReport *report, const char *step)
{
  JsonArray *steps = json_object_get_array_member (report->root, "steps");
  guint length = json_array_get_length (steps);

  for (guint i = 0; i < length; i++)
    {
      JsonObject *row = json_array_get_object_element (steps, i);
      if (g_strcmp0 (json_object_get_string_member (row, "id"), step) == 0)
        return i;
    }
  return length;
}

void
lodge_report_set_step (LodgeReport *report, guint number, const LodgeStep *step,
                       LodgeStepState state, gint64 milliseconds, const char *message,
                       JsonObject *measured)
{
  JsonArray *old = json_object_get_array_member (report->root, "steps");
  JsonArray *steps = json_array_new ();
  guint place = find_row (report, step->id);
  JsonObject *row = json_object_new ();

  json_object_set_int_member (row, "number", number);
  json_object_set_string_member (row, "id", step->id);
  json_object_set_string_member (row, "title", step->title);
  json_object_set_string_member (row, "state", lodge_step_state_name (state));
  if (milliseconds >= 0)
    json_object_set_int_member (row, "milliseconds", milliseconds);
  if (message != NULL)
    json_object_set_string_member (row, "message", message);
  if (measured != NULL)
    json_object_set_object_member (row, "measured", json_object_ref (measured));

  /* json-glib's arrays cannot have an element replaced. */
  for (guint i = 0; i < json_array_get_length (old); i++)
    if (i == place)
      json_array_add_object_element (steps, g_steal_pointer (&row));
    else
      json_array_add_element (steps, json_array_dup_element (old, i));
  if (row != NULL)
    json_array_add_object_element (steps, row);
  json_object_set_array_member (report->root, "steps", steps);
}

JsonObject *
lodge_report_measured (const LodgeReport *report, const char *step)
{
  JsonArray *steps = json_object_get_array_member (report->root, "steps");
  guint place = find_row (report, step);
  JsonNode *node;

  if (place == json_array_get_length (steps))
    return NULL;
  node = json_object_get_member (json_array_get_object_element (steps, place), "measured");
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

void
lodge_report_set_outcome (LodgeReport *report, const char *outcome, const char *line, guint number,
                          const char *step, const char *reason)
{
  JsonObject *stopped;

  json_object_set_string_member (report->root, "outcome", outcome);
  json_object_set_string_member (report->root, "line", line);
  set_time (report->root, "ended");
  if (step == NULL)
    {
      if (json_object_has_member (report->root, "stopped-at"))
        json_object_remove_member (report->root, "stopped-at");
      return;
    }
  stopped = json_object_new ();
  json_object_set_int_member (stopped, "number", number);
  json_object_set_string_member (stopped, "id", step);
  json_object_set_string_member (stopped, "reason", reason);
  json_object_set_object_member (report->root, "stopped-at", stopped);
}

JsonObject *
lodge_report_object (const LodgeReport *report)
{
  return report->root;
}

char *
lodge_report_format (JsonObject *object)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_node_set_object (node, object);
  json_generator_set_root (generator, node);
  json_generator_set_pretty (generator, TRUE);
  json_generator_set_indent (generator, 2);
  text = json_generator_to_data (generator, NULL);
  return g_strconcat (text, "\n", NULL);
}

gboolean
lodge_report_write (LodgeReport *report, GError **error)
{
  g_autofree char *text = lodge_report_format (report->root);

  return lodge_file_replace (report->path, text, -1, 0644, error);
}
