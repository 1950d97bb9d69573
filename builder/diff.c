/* What differs between two images: the comparison.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/diff.h"
#include "builder/json-printable.h"

#include <string.h>

/* Values that are compared as they are, by their place in the facts.  UUIDs are not among them:
 * they follow from the build's hash. */
static const char *const properties[] = {
  "os",
  "size",
  "manifest.template.name",
  "manifest.template.description",
  "manifest.template.family",
  "manifest.template.release",
  "manifest.template.kernel_command_line",
  "manifest.kernel",
  "manifest.lodge_version",
  "manifest.build_hash",
  "manifest.source_date_epoch",
  "manifest.plan.size",
  "manifest.plan.answers_sha256",
  "manifest.plan.root_password",
  "manifest.plan.ssh_keys",
};

/* What of a partition is compared; "name" says which one it is. */
static const char *const partition_values[] = { "filesystem", "label", "size", "start", "type" };

/* The value at PATH, "a.b.c", in OBJECT; NULL when there is none. */
static JsonNode *
look_up (JsonObject *object, const char *path)
{
  g_auto (GStrv) names = g_strsplit (path, ".", -1);
  JsonNode *node = NULL;

  for (char **name = names; *name != NULL; name++)
    {
      if (name != names)
        object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      node = object != NULL ? json_object_get_member (object, *name) : NULL;
    }
  return node;
}

/* A value as text; NULL for one that is absent or null. */
static char *
to_text (JsonNode *node)
{
  if (node == NULL || json_node_is_null (node))
    return NULL;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return json_to_string (node, FALSE);
}

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

/* Adds NAME with its two values to CHANGED, if they differ. */
static void
compare_values (JsonArray *changed, const char *name, const char *first, const char *second)
{
  JsonObject *object;

  if (g_strcmp0 (first, second) == 0)
    return;
  object = json_object_new ();
  json_object_set_string_member (object, "name", name);
  set_text (object, "first", first);
  set_text (object, "second", second);
  json_array_add_object_element (changed, object);
}

/* Whether both facts can have PATH: a manifest alone has nothing but "manifest…". */
static gboolean
is_comparable (JsonObject *first, JsonObject *second, const char *path)
{
  return g_str_has_prefix (path, "manifest.")
         || (json_object_has_member (first, path) && json_object_has_member (second, path));
}

static JsonArray *
compare_properties (JsonObject *first, JsonObject *second)
{
  JsonArray *changed = json_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++)
    {
      g_autofree char *one = to_text (look_up (first, properties[i]));
      g_autofree char *two = to_text (look_up (second, properties[i]));
      const char *name = g_str_has_prefix (properties[i], "manifest.")
                             ? properties[i] + strlen ("manifest.")
                             : properties[i];

      if (is_comparable (first, second, properties[i]))
        compare_values (changed, name, one, two);
    }
  return changed;
}

/* --- lists of named things: a table from name to value, both char * --- */

static GHashTable *
table_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static JsonArray *
get_array (JsonObject *object, const char *path)
{
  JsonNode *node = look_up (object, path);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

/* Adds VALUE of NAME; several (kernels on EL are several versions of one package) are joined. */
static void
table_add (GHashTable *table, char *name, const char *value)
{
  const char *present = g_hash_table_lookup (table, name);

  g_hash_table_replace (
      table, name, present != NULL ? g_strconcat (present, ", ", value, NULL) : g_strdup (value));
}

/* "name:architecture" to version; the package database's list, or the manifest's. */
static GHashTable *
list_packages (JsonObject *facts)
{
  JsonArray *packages = get_array (facts, "packages");
  GHashTable *table;

  if (packages == NULL)
    packages = get_array (facts, "manifest.packages");
  if (packages == NULL)
    return NULL;
  table = table_new ();
  for (guint i = 0; i < json_array_get_length (packages); i++)
    {
      JsonNode *node = json_array_get_element (packages, i);
      JsonObject *package = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      g_autofree char *name = package != NULL ? to_text (look_up (package, "name")) : NULL;
      g_autofree char *version = package != NULL ? to_text (look_up (package, "version")) : NULL;
      g_autofree char *architecture
          = package != NULL ? to_text (look_up (package, "architecture")) : NULL;

      if (name != NULL && version != NULL)
        table_add (table, g_strconcat (name, ":", architecture != NULL ? architecture : "", NULL),
                   version);
    }
  return table;
}

/* Path to SHA-256; see lodge_inspect_files(). */
static GHashTable *
list_files (JsonObject *facts)
{
  JsonNode *node = look_up (facts, "files");
  GHashTable *table;
  JsonObjectIter iterator;
  const char *path;
  JsonNode *digest;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  table = table_new ();
  json_object_iter_init (&iterator, json_node_get_object (node));
  while (json_object_iter_next (&iterator, &path, &digest))
    table_add (table, g_strdup (path), json_node_get_string (digest));
  return table;
}

/* Name to its values in one text. */
static GHashTable *
list_partitions (JsonObject *facts)
{
  JsonArray *partitions = get_array (facts, "partitions");
  GHashTable *table;

  if (partitions == NULL)
    partitions = get_array (facts, "manifest.plan.partitions");
  if (partitions == NULL)
    return NULL;
  table = table_new ();
  for (guint i = 0; i < json_array_get_length (partitions); i++)
    {
      JsonNode *node = json_array_get_element (partitions, i);
      JsonObject *partition = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      g_autofree char *name = partition != NULL ? to_text (look_up (partition, "name")) : NULL;
      g_autoptr (GString) values = g_string_new (NULL);

      if (partition == NULL)
        continue;
      for (gsize j = 0; j < G_N_ELEMENTS (partition_values); j++)
        {
          g_autofree char *value = to_text (look_up (partition, partition_values[j]));
          g_autofree char *lower = g_ascii_strdown (value != NULL ? value : "none", -1);

          g_string_append_printf (values, "%s%s=%s", j == 0 ? "" : " ", partition_values[j],
                                  strcmp (partition_values[j], "type") == 0 ? lower
                                  : value != NULL                           ? value
                                                                            : "none");
        }
      table_add (table, name != NULL ? g_steal_pointer (&name) : g_strdup_printf ("%u", i + 1),
                 values->str);
    }
  return table;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

/* What is in TABLE and not in OTHER: its names and values. */
static JsonArray *
only_in (GHashTable *table, GHashTable *other)
{
  JsonArray *array = json_array_new ();
  GList *names = g_list_sort (g_hash_table_get_keys (table), compare_names);

  for (GList *name = names; name != NULL; name = name->next)
    if (!g_hash_table_contains (other, name->data))
      {
        JsonObject *object = json_object_new ();

        json_object_set_string_member (object, "name", name->data);
        json_object_set_string_member (object, "value", g_hash_table_lookup (table, name->data));
        json_array_add_object_element (array, object);
      }
  g_list_free (names);
  return array;
}

static JsonArray *
changed_in (GHashTable *first, GHashTable *second)
{
  JsonArray *array = json_array_new ();
  GList *names = g_list_sort (g_hash_table_get_keys (first), compare_names);

  for (GList *name = names; name != NULL; name = name->next)
    if (g_hash_table_contains (second, name->data))
      compare_values (array, name->data, g_hash_table_lookup (first, name->data),
                      g_hash_table_lookup (second, name->data));
  g_list_free (names);
  return array;
}

/* Sets MEMBER of RESULT to what was added, changed and removed, or to null when one of the two is
 * not known. */
static void
compare_lists (JsonObject *result, const char *member, JsonObject *first, JsonObject *second,
               GHashTable *(*list) (JsonObject *facts))
{
  g_autoptr (GHashTable) one = list (first);
  g_autoptr (GHashTable) two = list (second);
  JsonObject *object;

  if (one == NULL || two == NULL)
    {
      json_object_set_null_member (result, member);
      return;
    }
  object = json_object_new ();
  json_object_set_array_member (object, "added", only_in (two, one));
  json_object_set_array_member (object, "changed", changed_in (one, two));
  json_object_set_array_member (object, "removed", only_in (one, two));
  json_object_set_object_member (result, member, object);
}

static gboolean
is_empty (JsonObject *result, const char *path)
{
  JsonArray *array = get_array (result, path);

  return array == NULL || json_array_get_length (array) == 0;
}

gboolean
lodge_diff_is_same (JsonObject *differences)
{
  return json_object_get_boolean_member (differences, "same");
}

JsonObject *
lodge_diff (JsonObject *first, JsonObject *second)
{
  static const char *const lists[]
      = { "properties",       "packages.added",     "packages.changed",   "packages.removed",
          "partitions.added", "partitions.changed", "partitions.removed", "files.added",
          "files.changed",    "files.removed" };
  JsonObject *result = json_object_new ();
  JsonArray *images = json_array_new ();
  g_autofree char *one = to_text (look_up (first, "path"));
  g_autofree char *two = to_text (look_up (second, "path"));
  gboolean same = TRUE;

  compare_lists (result, "files", first, second, list_files);
  json_array_add_string_element (images, one != NULL ? one : "");
  json_array_add_string_element (images, two != NULL ? two : "");
  json_object_set_array_member (result, "images", images);
  compare_lists (result, "packages", first, second, list_packages);
  compare_lists (result, "partitions", first, second, list_partitions);
  json_object_set_array_member (result, "properties", compare_properties (first, second));
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    same = same && is_empty (result, lists[i]);
  json_object_set_boolean_member (result, "same", same);
  return result;
}

/* --- for people --- */

static const char *
text_of (JsonObject *object, const char *name)
{
  return json_object_get_null_member (object, name) ? "none"
                                                    : json_object_get_string_member (object, name);
}

static void
describe_properties (GString *text, JsonObject *differences)
{
  JsonArray *array = get_array (differences, "properties");

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = json_array_get_object_element (array, i);

      g_string_append_printf (text, "%s: %s -> %s\n", text_of (object, "name"),
                              text_of (object, "first"), text_of (object, "second"));
    }
}

/* One line for each name in the list at PATH, MARK before it, its value after it if VALUES. */
static void
describe_names (GString *text, JsonObject *differences, const char *path, char mark,
                gboolean values)
{
  JsonArray *array = get_array (differences, path);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *object = json_array_get_object_element (array, i);

      g_string_append_printf (text, "  %c %s", mark, text_of (object, "name"));
      if (values && mark == '!')
        g_string_append_printf (text, " %s -> %s", text_of (object, "first"),
                                text_of (object, "second"));
      else if (values)
        g_string_append_printf (text, " %s", text_of (object, "value"));
      g_string_append_c (text, '\n');
    }
}

static void
describe_list (GString *text, JsonObject *differences, const char *member, const char *title,
               gboolean values)
{
  static const struct
  {
    const char *name;
    char mark;
  } kinds[] = { { "removed", '-' }, { "added", '+' }, { "changed", '!' } };
  GString *lines = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strconcat (member, ".", kinds[i].name, NULL);

      describe_names (lines, differences, path, kinds[i].mark, values);
    }
  if (lines->len > 0)
    g_string_append_printf (text, "%s\n%s", title, lines->str);
  g_string_free (lines, TRUE);
}

char *
lodge_diff_describe (JsonObject *differences)
{
  g_autoptr (JsonObject) printable = lodge_json_printable (differences);
  GString *text = g_string_new (NULL);

  describe_properties (text, printable);
  describe_list (text, printable, "partitions", "Partitions", TRUE);
  describe_list (text, printable, "packages", "Packages", TRUE);
  describe_list (text, printable, "files", "Files", FALSE);
  return g_string_free (text, FALSE);
}
