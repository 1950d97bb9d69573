/* lodge doctor: what this machine can do, line by line, each with its mend.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <json-glib/json-glib.h>
#include <stdio.h>

#include "builder/command.h"
#include "builder/doctor.h"
#include "builder/format.h"
#include "common/error.h"

#define DEFAULT_TEMPLATE "debian-13"

static const char *
level_name (LodgeFindingLevel level)
{
  switch (level)
    {
    case LODGE_FINDING_PASS:
      return "pass";
    case LODGE_FINDING_WARNING:
      return "warning";
    case LODGE_FINDING_FAIL:
      return "fail";
    }
  g_assert_not_reached ();
}

static void
finding_free (gpointer data)
{
  LodgeFinding *finding = data;

  g_free (finding->sentence);
  g_free (finding->mend);
  g_free (finding);
}

void
lodge_doctor_add (LodgeDoctor *doctor, const char *id, LodgeFindingLevel level, char *sentence,
                  char *mend)
{
  LodgeFinding *finding = g_new0 (LodgeFinding, 1);

  finding->id = id;
  finding->level = level;
  finding->sentence = sentence;
  finding->mend = mend;
  g_ptr_array_add (doctor->findings, finding);
}

static void
examine (LodgeDoctor *doctor)
{
  static void (*const checks[]) (LodgeDoctor *)
      = { lodge_doctor_kvm,     lodge_doctor_processor, lodge_doctor_memory,
          lodge_doctor_sandbox, lodge_doctor_programs,  lodge_doctor_kernel,
          lodge_doctor_keys,    lodge_doctor_mirror,    lodge_doctor_repositories,
          lodge_doctor_space };

  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    if (!g_cancellable_is_cancelled (doctor->cancellable))
      checks[i](doctor);
}

static void
print_text (const GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const LodgeFinding *finding = g_ptr_array_index (findings, i);

      printf ("%-8s %-13s %s\n", level_name (finding->level), finding->id, finding->sentence);
      if (finding->mend != NULL)
        printf ("%-8s %-13s mend: %s\n", "", "", finding->mend);
    }
}

static void
print_json (const LodgeDoctor *doctor, gboolean ready)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < doctor->findings->len; i++)
    {
      const LodgeFinding *finding = g_ptr_array_index (doctor->findings, i);
      JsonObject *member = json_object_new ();

      json_object_set_string_member (member, "id", finding->id);
      json_object_set_string_member (member, "level", level_name (finding->level));
      if (finding->mend != NULL)
        json_object_set_string_member (member, "mend", finding->mend);
      json_object_set_string_member (member, "sentence", finding->sentence);
      json_array_add_object_element (array, member);
    }
  json_object_set_array_member (object, "checks", array);
  json_object_set_boolean_member (object, "ready", ready);
  json_object_set_string_member (object, "template", doctor->template->name);
  json_node_set_object (root, object);
  text = json_to_string (root, TRUE);
  puts (text);
}

static gboolean
conclude (const LodgeDoctor *doctor, gboolean json, GError **error)
{
  guint failed = 0;

  for (guint i = 0; i < doctor->findings->len; i++)
    if (((LodgeFinding *)g_ptr_array_index (doctor->findings, i))->level == LODGE_FINDING_FAIL)
      failed++;
  if (json)
    print_json (doctor, failed == 0);
  else
    print_text (doctor->findings);
  if (failed == 0)
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "a build of %s cannot work on this machine: %u of %u checks failed",
                          doctor->template->name, failed, doctor->findings->len);
}

gboolean
lodge_command_doctor (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  g_autofree char *mirror = NULL;
  g_autofree char *cache_word = NULL;
  g_autofree char *output = NULL;
  g_autofree char *cache = NULL;
  gboolean json = FALSE;
  gboolean help_shown;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "The image that is to be written", "FILE" },
    { "cache", 0, 0, G_OPTION_ARG_FILENAME, &cache_word,
      "The cache directory (default: ~/.cache/lodge)", "DIR" },
    { "mirror", 0, 0, G_OPTION_ARG_STRING, &mirror, "Ask this mirror (default: this machine's own)",
      "URL" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object", NULL },
    { NULL },
  };
  const LodgeCommandSyntax syntax = {
    .name = "doctor",
    .operands = "[TEMPLATE]",
    .summary = "Checks whether this machine can build TEMPLATE (default: " DEFAULT_TEMPLATE
               "), and says how to mend what is missing.",
    .entries = entries,
    .minimum = 0,
    .maximum = 1,
  };
  g_autoptr (LodgePaths) paths = NULL;
  g_autoptr (LodgeTemplate) template = NULL;
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func (finding_free);

  if (!lodge_command_parse (&syntax, &argc, argv, &help_shown, error))
    return FALSE;
  if (help_shown)
    return TRUE;
  paths = lodge_paths_find (error);
  if (paths == NULL)
    return FALSE;
  template = lodge_template_load (paths->templates, argc > 1 ? argv[1] : DEFAULT_TEMPLATE, error);
  if (template == NULL)
    return FALSE;
  cache = lodge_paths_cache (cache_word);
  if (output == NULL)
    output = g_strconcat (template->name, ".raw", NULL);
  if (!lodge_format_check_name (output, error))
    return FALSE;

  LodgeDoctor doctor = {
    .paths = paths,
    .template = template,
    .mirror = mirror,
    .cache = cache,
    .output = output,
    .cancellable = cancellable,
    .findings = findings,
  };

  examine (&doctor);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  return conclude (&doctor, json, error);
}
