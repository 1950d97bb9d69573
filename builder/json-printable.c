/* JSON whose texts are shown to people.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/json-printable.h"

#include "common/printable.h"

static JsonNode *
copy_node (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonNode *copy = json_node_new (JSON_NODE_OBJECT);

      json_node_take_object (copy, lodge_json_printable (json_node_get_object (node)));
      return copy;
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);
      JsonNode *copy = json_node_new (JSON_NODE_ARRAY);
      JsonArray *copies = json_array_new ();

      for (guint i = 0; i < json_array_get_length (array); i++)
        json_array_add_element (copies, copy_node (json_array_get_element (array, i)));
      json_node_take_array (copy, copies);
      return copy;
    }
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      g_autofree char *text = lodge_printable (json_node_get_string (node), -1);
      JsonNode *copy = json_node_new (JSON_NODE_VALUE);

      json_node_set_string (copy, text);
      return copy;
    }
  return json_node_copy (node);
}

JsonObject *
lodge_json_printable (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iterator;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iterator, object);
  while (json_object_iter_next_ordered (&iterator, &name, &node))
    json_object_set_member (copy, name, copy_node (node));
  return copy;
}
