/* The manifest of an image.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/manifest.h"

#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>

#include "builder/format.h"
#include "common/version.h"

enum
{
  MANIFEST_VERSION = 1, /* raised when a reader of older manifests would misunderstand */
};

void
lodge_manifest_output_free (LodgeManifestOutput *output)
{
  if (output == NULL)
    return;
  g_free (output->name);
  g_free (output->sha256);
  g_free (output);
}

/* Members are added in the order of their names: json-glib writes them as they came. */

static void
add_string_or_null (JsonObject *object, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, name, value);
  else
    json_object_set_null_member (object, name);
}

static JsonArray *
strings_to_json (const char *const *strings)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; strings[i] != NULL; i++)
    json_array_add_string_element (array, strings[i]);
  return array;
}

static JsonArray *
packages_to_json (const GPtrArray *packages)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (packages, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "architecture", package->architecture);
      json_object_set_string_member (object, "name", package->name);
      json_object_set_string_member (object, "sha256", package->sha256);
      json_object_set_int_member (object, "size", (gint64)package->size);
      json_object_set_string_member (object, "version", package->version);
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonArray *
outputs_to_json (const GPtrArray *outputs)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < outputs->len; i++)
    {
      const LodgeManifestOutput *output = g_ptr_array_index (outputs, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "format", output->format);
      json_object_set_string_member (object, "name", output->name);
      json_object_set_string_member (object, "sha256", output->sha256);
      json_object_set_int_member (object, "size", (gint64)output->size);
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonArray *
partitions_to_json (const LodgeBuildPlan *plan)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < LODGE_N_PARTITIONS; i++)
    {
      const LodgePartition *partition = &plan->partitions[i];
      JsonObject *object = json_object_new ();

      add_string_or_null (object, "filesystem", partition->filesystem);
      add_string_or_null (object, "label", partition->label);
      json_object_set_string_member (object, "name", partition->name);
      json_object_set_int_member (object, "size", (gint64)partition->size);
      json_object_set_int_member (object, "start", (gint64)partition->start);
      json_object_set_string_member (object, "type", partition->type_guid);
      json_array_add_object_element (array, object);
    }
  return array;
}

/* What an image was told about access is worth knowing, the secrets themselves are not to be had.
 */
static JsonObject *
plan_to_json (const LodgeBuildPlan *plan)
{
  JsonObject *object = json_object_new ();
  g_autofree char *answers
      = plan->answers == NULL
            ? NULL
            : g_compute_checksum_for_string (G_CHECKSUM_SHA256, plan->answers, -1);

  add_string_or_null (object, "answers_sha256", answers);
  json_object_set_array_member (object, "partitions", partitions_to_json (plan));
  json_object_set_boolean_member (object, "root_password",
                                  plan->options->root_password_hash != NULL);
  json_object_set_int_member (object, "size", (gint64)plan->size);
  json_object_set_boolean_member (object, "ssh_keys", plan->ssh_keys != NULL);
  return object;
}

static JsonObject *
template_to_json (const LodgeTemplate *template)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "description", template->description);
  json_object_set_string_member (object, "family", lodge_family_kind_name (template->family));
  json_object_set_array_member (object, "install",
                                strings_to_json ((const char *const *)template->install));
  json_object_set_string_member (object, "kernel_command_line", template->kernel_command_line);
  json_object_set_string_member (object, "name", template->name);
  json_object_set_string_member (object, "os_name", template->os_name);
  json_object_set_string_member (object, "release", template->release);
  return object;
}

static char *
to_text (JsonObject *object)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autofree char *text = NULL;

  json_node_take_object (root, object);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  text = json_generator_to_data (generator, NULL);
  return g_strconcat (text, "\n", NULL);
}

char *
lodge_manifest_format (const LodgeBuild *build, const GPtrArray *outputs)
{
  const LodgeBuildPlan *plan = build->plan;
  JsonObject *object = json_object_new ();
  g_autofree char *kernel = lodge_manifest_kernel (build);

  json_object_set_string_member (object, "build_hash", build->build_hash);
  json_object_set_array_member (object, "build_packages", packages_to_json (build->build_packages));
  /* It was not compiled from the packages above. */
  if (build->firstboot_sha256 != NULL)
    json_object_set_string_member (object, "firstboot_package_sha256", build->firstboot_sha256);
  add_string_or_null (object, "kernel", kernel);
  json_object_set_string_member (object, "lodge_version", LODGE_VERSION);
  json_object_set_int_member (object, "manifest_version", MANIFEST_VERSION);
  if (outputs != NULL)
    json_object_set_array_member (object, "outputs", outputs_to_json (outputs));
  json_object_set_array_member (object, "packages", packages_to_json (build->packages));
  json_object_set_object_member (object, "plan", plan_to_json (plan));
  json_object_set_int_member (object, "source_date_epoch", build->epoch);
  json_object_set_object_member (object, "template", template_to_json (plan->template));
  return to_text (object);
}

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

/* MEMBER of an earlier "outputs", or NULL when it is not in DIRECTORY, or is one of OUTPUTS. */
static LodgeManifestOutput *
read_output (JsonNode *member, const GPtrArray *outputs, const char *directory)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (member) ? json_node_get_object (member) : NULL;
  const char *name = object != NULL ? get_string (object, "name") : NULL;
  const char *sha256 = object != NULL ? get_string (object, "sha256") : NULL;
  const char *format_name = object != NULL ? get_string (object, "format") : NULL;
  const LodgeFormat *format = format_name != NULL ? lodge_format_find (format_name) : NULL;
  g_autofree char *path = name != NULL ? g_build_filename (directory, name, NULL) : NULL;
  LodgeManifestOutput *output;
  struct stat status;

  if (path == NULL || sha256 == NULL || format == NULL || strchr (name, '/') != NULL
      || stat (path, &status) != 0 || !json_object_has_member (object, "size")
      || json_object_get_int_member (object, "size") != (gint64)status.st_size)
    return NULL;
  for (guint i = 0; i < outputs->len; i++)
    if (strcmp (((LodgeManifestOutput *)g_ptr_array_index (outputs, i))->name, name) == 0)
      return NULL;
  output = g_new0 (LodgeManifestOutput, 1);
  output->format = format->name;
  output->name = g_strdup (name);
  output->sha256 = g_strdup (sha256);
  output->size = (guint64)status.st_size;
  return output;
}

void
lodge_manifest_add_earlier (GPtrArray *outputs, const char *earlier, const char *build_hash,
                            const char *directory)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root;
  JsonNode *array;

  if (!json_parser_load_from_data (parser, earlier, -1, NULL))
    return; /* it is replaced */
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)
      || g_strcmp0 (get_string (json_node_get_object (root), "build_hash"), build_hash) != 0)
    return;
  array = json_object_get_member (json_node_get_object (root), "outputs");
  if (array == NULL || !JSON_NODE_HOLDS_ARRAY (array))
    return;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (array)); i++)
    {
      LodgeManifestOutput *output = read_output (
          json_array_get_element (json_node_get_array (array), i), outputs, directory);

      if (output != NULL)
        g_ptr_array_add (outputs, output);
    }
}

char *
lodge_manifest_format_plan (const LodgeBuildPlan *plan)
{
  JsonObject *object = json_object_new ();
  JsonArray *outputs = json_array_new ();

  for (guint i = 0; i < plan->outputs->len; i++)
    {
      const LodgeOutput *output = g_ptr_array_index (plan->outputs, i);
      JsonObject *member = json_object_new ();

      json_object_set_string_member (member, "format", output->format);
      json_object_set_string_member (member, "path", output->path);
      json_array_add_object_element (outputs, member);
    }
  json_object_set_array_member (object, "outputs", outputs);
  json_object_set_object_member (object, "plan", plan_to_json (plan));
  json_object_set_object_member (object, "template", template_to_json (plan->template));
  return to_text (object);
}

/* sha256sum(1): a name with a backslash or a newline is escaped and the line begins with a
 * backslash. */
char *
lodge_manifest_checksums (const GPtrArray *outputs)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < outputs->len; i++)
    {
      const LodgeManifestOutput *output = g_ptr_array_index (outputs, i);
      gboolean escape = strpbrk (output->name, "\\\n\r") != NULL;

      g_string_append_printf (text, "%s%s  ", escape ? "\\" : "", output->sha256);
      for (const char *p = output->name; *p != '\0'; p++)
        if (*p == '\\')
          g_string_append (text, "\\\\");
        else if (*p == '\n')
          g_string_append (text, "\\n");
        else if (*p == '\r')
          g_string_append (text, "\\r");
        else
          g_string_append_c (text, *p);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

char *
lodge_manifest_kernel (const LodgeBuild *build)
{
  static const char debian_prefix[] = "linux-image-";

  for (guint i = 0; i < build->packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (build->packages, i);
      const char *rest = package->name + strlen (debian_prefix);

      /* linux-image-amd64 only depends on the one that is meant. */
      if (g_str_has_prefix (package->name, debian_prefix) && g_ascii_isdigit (*rest))
        return g_strdup (rest);
      if (strcmp (package->name, "kernel-core") == 0)
        return g_strconcat (package->version, ".", package->architecture, NULL);
    }
  return NULL;
}
