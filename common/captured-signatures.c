/* What was on the disks of a captured machine, as wipefs(8) told it in JSON.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * run/lodge-capture/signatures/NAME.json for each disk and partition that could be read; [content]
 * of machine.conf has "NAME=empty" or "NAME=data" for the margins of each disk.
 */
#include "common/probe-signatures.h"
#include "common/probe-files.h"
#include "common/error.h"

#include <json-glib/json-glib.h>

/* A member that is null, missing or empty is NULL. */
static char *
member (JsonObject *object, const char *name)
{
  const char *value = json_object_get_string_member_with_default (object, name, NULL);

  return value == NULL || value[0] == '\0' ? NULL : g_strdup (value);
}

/* wipefs names the GPT up to three times: its header, the backup header and the protective MBR. */
static gboolean
is_repeated (const LodgeContent *content, const LodgeSignature *signature)
{
  for (guint i = 0; i < content->signatures->len; i++)
    {
      const LodgeSignature *other = g_ptr_array_index (content->signatures, i);

      if (g_str_equal (other->device, signature->device)
          && (g_strcmp0 (other->type, signature->type) == 0
              || (g_str_equal (other->type, "gpt") && g_strcmp0 (signature->type, "PMBR") == 0)))
        return TRUE;
    }
  return FALSE;
}

static void
take_signature (JsonArray *array, guint index, JsonNode *node, gpointer data)
{
  LodgeContent *content = data;
  JsonObject *object = json_node_get_object (node);
  LodgeSignature *signature = g_new0 (LodgeSignature, 1);
  g_autofree char *name = member (object, "device");

  (void)array, (void)index;
  signature->device = g_strconcat ("/dev/", name, NULL);
  signature->type = member (object, "type");
  signature->usage = member (object, "usage");
  if (signature->usage == NULL || g_str_equal (signature->usage, "partition-table"))
    {
      g_free (signature->usage);
      signature->usage = g_strdup ("partition table");
    }
  signature->label = member (object, "label");
  signature->uuid = member (object, "uuid");
  /* wipefs does not tell it: a capture may have it added. */
  signature->partition_name = member (object, "partition-name");
  if (signature->type == NULL)
    signature->type = g_strdup ("unknown");
  if (is_repeated (content, signature))
    lodge_signature_free (signature);
  else
    g_ptr_array_add (content->signatures, signature);
}

static gboolean
read_device (const LodgeProbe *probe, const char *name, LodgeContent *content, GError **error)
{
  g_autofree char *path
      = lodge_probe_path (probe, LODGE_CAPTURE_DIRECTORY "/signatures/%s.json", name);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root;
  JsonObject *object;

  if (!json_parser_load_from_file (parser, path, error))
    return FALSE;
  root = json_parser_get_root (parser);
  /* wipefs prints nothing at all when it finds nothing. */
  if (root == NULL)
    return TRUE;
  object = json_node_get_object (root);
  if (object == NULL || !json_object_has_member (object, "signatures"))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s is not what wipefs --json prints", path);
  json_array_foreach_element (json_object_get_array_member (object, "signatures"), take_signature,
                              content);
  return TRUE;
}

LodgeContent *
lodge_content_captured (const LodgeProbe *probe, const char *name, const char *const *partitions,
                        GError **error)
{
  g_autoptr (LodgeContent) content = g_new0 (LodgeContent, 1);
  g_autofree char *margins = lodge_capture_value (probe, "content", name);

  content->signatures = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_signature_free);
  if (margins == NULL)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED, "read /dev/%s: its content was not captured",
                       name);
      return NULL;
    }
  if (!read_device (probe, name, content, error))
    return NULL;
  for (gsize i = 0; partitions[i] != NULL; i++)
    if (!read_device (probe, partitions[i], content, error))
      return NULL;
  content->unknown_data = content->signatures->len == 0 && g_str_equal (margins, "data");
  return g_steal_pointer (&content);
}
