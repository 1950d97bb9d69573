/* lodge diff: what differs between two images.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "builder/command.h"
#include "builder/diff.h"
#include "builder/inspect.h"
#include "common/error.h"
#include "common/file.h"

enum
{
  MANIFEST_LIMIT = 64 * 1024 * 1024, /* bytes */
};

/* A manifest in place of its image is enough for packages, template and plan. */
static JsonObject *
read_manifest (const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) failure = NULL;
  g_autofree char *text = lodge_file_read (path, MANIFEST_LIMIT, NULL, error);
  JsonNode *root;
  JsonObject *facts;

  if (text == NULL)
    return NULL;
  root = json_parser_load_from_data (parser, text, -1, &failure) ? json_parser_get_root (parser)
                                                                 : NULL;
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)
      || !json_object_has_member (json_node_get_object (root), "manifest_version"))
    {
      lodge_error_set (error, LODGE_ERROR_USAGE, "%s is not a manifest of lodge build%s%s", path,
                       failure != NULL ? ": " : "", failure != NULL ? failure->message : "");
      return NULL;
    }
  facts = json_object_new ();
  json_object_set_string_member (facts, "path", path);
  json_object_set_object_member (facts, "manifest", json_node_dup_object (root));
  return facts;
}

static JsonObject *
read_facts (const char *path, GCancellable *cancellable, GError **error)
{
  if (g_str_has_suffix (path, ".json"))
    return read_manifest (path, error);
  return lodge_inspect (path, LODGE_INSPECT_FILES, NULL, cancellable, error);
}

static void
print_json (JsonObject *differences)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_node_set_object (root, differences);
  text = json_to_string (root, TRUE);
  puts (text);
}

static gboolean
compare (char **images, gboolean json, GCancellable *cancellable, GError **error)
{
  g_autoptr (JsonObject) first = NULL;
  g_autoptr (JsonObject) second = NULL;
  g_autoptr (JsonObject) differences = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < 2; i++)
    if (!lodge_command_check_file (NULL, images[i], "the path of an image", error))
      return FALSE;
  first = read_facts (images[0], cancellable, error);
  second = first != NULL ? read_facts (images[1], cancellable, error) : NULL;
  if (second == NULL)
    return FALSE;
  differences = lodge_diff (first, second);
  text = lodge_diff_describe (differences);
  if (json)
    print_json (differences);
  else
    fputs (text, stdout);
  if (lodge_diff_is_same (differences))
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_DIFFERENT, "%s and %s differ", images[0], images[1]);
}

gboolean
lodge_command_diff (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Show the differences as JSON", NULL },
    { NULL },
  };
  const LodgeCommandSyntax syntax = {
    .name = "diff",
    .operands = "IMAGE IMAGE",
    .summary = "Shows what differs between two images (or their NAME.manifest.json): template, "
               "packages, files.  Exit status 0: nothing, 1: something, 2: trouble.",
    .entries = entries,
    .minimum = 2,
    .maximum = 2,
  };
  g_autoptr (GError) failure = NULL;
  gboolean help_shown = FALSE;

  if (!lodge_command_parse (&syntax, &argc, argv, &help_shown, error))
    return FALSE;
  if (help_shown || compare (argv + 1, json, cancellable, &failure))
    return TRUE;
  if (g_error_matches (failure, LODGE_ERROR, LODGE_ERROR_DIFFERENT))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  /* 1 is an answer here (diff(1)): what could not be compared must not look like it. */
  return lodge_error_set (error, LODGE_ERROR_USAGE, "%s", failure->message);
}
