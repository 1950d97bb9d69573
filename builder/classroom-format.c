/* The hosts of one answers.conf, for people and programs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <json-glib/json-glib.h>
#include <string.h>

#include "builder/classroom.h"

/* --- the table --- */

/* What a cell says; free with g_free. */
typedef char *Cell (const LodgeClassroomHost *host);

static char *
cell_host (const LodgeClassroomHost *host)
{
  if (host->by == NULL)
    return g_strdup ("any host");
  return g_strdup_printf ("%s=%s", host->by, host->value);
}

static char *
cell_name (const LodgeClassroomHost *host)
{
  const char *name = host->reading->answers->hostname;

  return g_strdup (name != NULL ? name : "-");
}

static char *
cell_address (const LodgeClassroomHost *host)
{
  const LodgeAnswers *answers = host->reading->answers;
  const char *address = answers->address != NULL ? answers->address : "?";
  const char *address6 = answers->address6 != NULL ? answers->address6 : "?";
  g_autofree char *first = NULL;

  if (answers->ipv4 != LODGE_IPV4_OFF)
    first = g_strdup (answers->ipv4 == LODGE_IPV4_STATIC ? address : "DHCP");
  if (answers->ipv6 == LODGE_IPV6_STATIC)
    return g_strdup_printf ("%s%s%s", first != NULL ? first : "", first != NULL ? " " : "",
                            address6);
  if (first != NULL)
    return g_steal_pointer (&first);
  return g_strdup (answers->ipv6 == LODGE_IPV6_OFF ? "none" : "IPv6");
}

/* EMPTY stands for what is not given. */
static char *
cell_key (const LodgeClassroomHost *host, const char *section, const char *key, const char *empty)
{
  g_autofree char *text
      = lodge_answer_key_format (lodge_answer_key_find (section, key), host->reading->answers);

  return *text != '\0' ? g_steal_pointer (&text) : g_strdup (empty);
}

static char *
cell_port (const LodgeClassroomHost *host)
{
  return cell_key (host, "network", "port", "auto");
}

static char *
cell_disk (const LodgeClassroomHost *host)
{
  return host->reading->answers->layout == LODGE_LAYOUT_NONE
             ? g_strdup ("-")
             : cell_key (host, "storage", "disks", "auto");
}

static char *
cell_erase (const LodgeClassroomHost *host)
{
  return cell_key (host, "storage", "erase", "-");
}

static char *
cell_layout (const LodgeClassroomHost *host)
{
  return cell_key (host, "storage", "layout", "");
}

static const struct
{
  const char *title;
  Cell *cell;
  const char *dull; /* a column that says only this is left out; NULL: never */
} columns[] = {
  { "HOST", cell_host, NULL },       { "HOST NAME", cell_name, NULL },
  { "ADDRESS", cell_address, NULL }, { "PORT", cell_port, "auto" },
  { "DISK", cell_disk, NULL },       { "ERASE", cell_erase, "-" },
  { "LAYOUT", cell_layout, NULL },
};

static gboolean
is_dull (const GPtrArray *hosts, gsize column)
{
  for (guint i = 0; columns[column].dull != NULL && i < hosts->len; i++)
    {
      g_autofree char *text = columns[column].cell (g_ptr_array_index (hosts, i));

      if (strcmp (text, columns[column].dull) != 0)
        return FALSE;
    }
  return columns[column].dull != NULL;
}

static int
measure (const GPtrArray *hosts, gsize column)
{
  glong width = g_utf8_strlen (columns[column].title, -1);

  for (guint i = 0; i < hosts->len; i++)
    {
      g_autofree char *text = columns[column].cell (g_ptr_array_index (hosts, i));

      width = MAX (width, g_utf8_strlen (text, -1));
    }
  return (int)width;
}

static void
append_cell (GString *line, const char *text, int width)
{
  g_string_append_printf (line, "%s%s%*s", line->len > 0 ? "  " : "", text,
                          width - (int)g_utf8_strlen (text, -1), "");
}

/* Ends LINE, without the blanks of its last cell, and empties it. */
static void
take_line (GString *table, GString *line)
{
  g_autofree char *text = g_strchomp (g_strdup (line->str));

  g_string_append_printf (table, "%s\n", text);
  g_string_truncate (line, 0);
}

static void
append_table (GString *table, const GPtrArray *hosts)
{
  g_autoptr (GString) line = g_string_new (NULL);
  int widths[G_N_ELEMENTS (columns)];

  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      widths[i] = is_dull (hosts, i) ? 0 : measure (hosts, i);
      if (widths[i] > 0)
        append_cell (line, columns[i].title, widths[i]);
    }
  take_line (table, line);
  for (guint row = 0; row < hosts->len; row++)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
        if (widths[i] > 0)
          {
            g_autofree char *text = columns[i].cell (g_ptr_array_index (hosts, row));

            append_cell (line, text, widths[i]);
          }
      take_line (table, line);
    }
  g_string_append_c (table, '\n');
}

/* A file that names no host: the row of whichever takes it. */
static void
append_any_host (GString *table, const LodgeClassroom *classroom)
{
  g_autoptr (GPtrArray) hosts = g_ptr_array_new ();
  LodgeClassroomHost host = { .reading = classroom->common };

  g_ptr_array_add (hosts, &host);
  append_table (table, hosts);
}

char *
lodge_classroom_format (const LodgeClassroom *classroom)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint hosts = classroom->hosts->len;

  if (hosts == 0 && classroom->others == NULL)
    {
      append_any_host (text, classroom);
      g_string_append (text, "Every host gets the same.\n");
      return g_strdup (text->str);
    }
  if (hosts > 0)
    append_table (text, classroom->hosts);
  g_string_append_printf (text, "%u %s named.  ", hosts, hosts == 1 ? "host is" : "hosts are");
  if (classroom->others == NULL)
    g_string_append (text, "Any other host gets what stands outside of [match …] sections.\n");
  else
    g_string_append_printf (text, "Any other host is left as it is: %s.\n", classroom->others);
  return g_strdup (text->str);
}

/* --- JSON --- */

static JsonObject *
answers_to_json (const LodgeAnswers *answers)
{
  JsonObject *object = json_object_new ();
  gsize count;
  const LodgeAnswerKey *rows = lodge_answer_keys (&count);

  for (gsize i = 0; i < count; i++)
    {
      g_autofree char *name = g_strconcat (rows[i].section, ".", rows[i].key, NULL);
      g_autofree char *value = lodge_answer_key_format (&rows[i], answers);

      if (!rows[i].secret && *value != '\0')
        json_object_set_string_member (object, name, value);
    }
  return object;
}

static JsonObject *
host_to_json (const LodgeClassroomHost *host)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "by", host->by);
  json_object_set_string_member (object, "value", host->value);
  json_object_set_int_member (object, "line", host->line);
  json_object_set_object_member (object, "answers", answers_to_json (host->reading->answers));
  return object;
}

static JsonObject *
clash_to_json (const LodgeClash *clash)
{
  JsonObject *object = json_object_new ();
  JsonArray *lines = json_array_new ();

  json_object_set_string_member (object, "kind", clash->kind);
  json_object_set_string_member (object, "message", clash->message);
  for (gsize i = 0; i < G_N_ELEMENTS (clash->lines) && clash->lines[i] != 0; i++)
    json_array_add_int_element (lines, clash->lines[i]);
  json_object_set_array_member (object, "lines", lines);
  return object;
}

char *
lodge_classroom_format_json (const LodgeClassroom *classroom)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  JsonObject *root = json_object_new ();
  JsonArray *hosts = json_array_new ();
  JsonArray *clashes = json_array_new ();
  JsonArray *doubts = json_array_new ();

  json_object_set_string_member (root, "file", classroom->path);
  for (guint i = 0; i < classroom->hosts->len; i++)
    json_array_add_object_element (hosts, host_to_json (g_ptr_array_index (classroom->hosts, i)));
  json_object_set_array_member (root, "hosts", hosts);
  if (classroom->others != NULL)
    json_object_set_string_member (root, "others", classroom->others);
  else
    json_object_set_null_member (root, "others");
  for (guint i = 0; i < classroom->clashes->len; i++)
    json_array_add_object_element (clashes,
                                   clash_to_json (g_ptr_array_index (classroom->clashes, i)));
  json_object_set_array_member (root, "clashes", clashes);
  for (guint i = 0; i < classroom->doubts->len; i++)
    json_array_add_string_element (doubts, g_ptr_array_index (classroom->doubts, i));
  json_object_set_array_member (root, "doubts", doubts);

  json_node_take_object (node, root);
  json_generator_set_root (generator, node);
  json_generator_set_pretty (generator, TRUE);
  text = json_generator_to_data (generator, NULL);
  return g_strconcat (text, "\n", NULL);
}
