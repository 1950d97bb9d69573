/* lodge inspect: what is in an image.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <unistd.h>

#include "builder/command.h"
#include "builder/inspect.h"
#include "common/error.h"

static char *
to_json (JsonObject *facts)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autofree char *text = NULL;

  json_node_set_object (root, facts);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  text = json_generator_to_data (generator, NULL);
  return g_strconcat (text, "\n", NULL);
}

/* A wrong checksum is a failure, after everything has been shown. */
static gboolean
check (JsonObject *facts, const char *image, GError **error)
{
  JsonObject *checksum = json_object_has_member (facts, "checksum")
                             ? json_object_get_object_member (facts, "checksum")
                             : NULL;

  if (checksum == NULL || json_object_get_boolean_member (checksum, "matches"))
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "%s is not what %s was made for: it is damaged or was changed; build or "
                          "copy it again",
                          image, json_object_get_string_member (checksum, "file"));
}

gboolean
lodge_command_inspect (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  gboolean json = FALSE;
  gboolean packages = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Show everything as JSON", NULL },
    { "packages", 0, 0, G_OPTION_ARG_NONE, &packages, "List the packages too", NULL },
    { NULL },
  };
  const LodgeCommandSyntax syntax = {
    .name = "inspect",
    .operands = "IMAGE",
    .summary = "Shows what is in IMAGE (raw, qcow2 or VMDK), read from the image itself.",
    .entries = entries,
    .minimum = 1,
    .maximum = 1,
  };
  g_autoptr (LodgeProgress) progress = NULL;
  g_autoptr (JsonObject) facts = NULL;
  g_autofree char *text = NULL;
  gboolean help_shown = FALSE;

  if (!lodge_command_parse (&syntax, &argc, argv, &help_shown, error))
    return FALSE;
  if (help_shown)
    return TRUE;
  if (!lodge_command_check_file (NULL, argv[1], "the path of an image", error))
    return FALSE;
  /* For whoever sits there and waits for the appliance; a log has nothing but the result. */
  if (isatty (STDERR_FILENO))
    progress = lodge_progress_new (LODGE_PROGRESS_AUTO);
  facts = lodge_inspect (argv[1], LODGE_INSPECT_FACTS, progress, cancellable, error);
  if (facts == NULL)
    return FALSE;
  text = json ? to_json (facts) : lodge_inspect_describe (facts, packages);
  fputs (text, stdout);
  return check (facts, argv[1], error);
}
