/* The facts about an image, for people.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/inspect.h"
#include "builder/json-printable.h"
#include "common/size.h"

enum
{
  HOSTS_SHOWN = 3, /* of those that an answers.conf names */
};

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static JsonObject *
get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonArray *
get_array (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static char *
get_size (JsonObject *object, const char *name)
{
  return lodge_size_format ((guint64)json_object_get_int_member (object, name));
}

/* "Name:      value" */
static void
add_line (GString *text, const char *name, const char *value)
{
  if (value != NULL)
    g_string_append_printf (text, "%-12s%s\n", name, value);
}

static void
add_file (GString *text, JsonObject *facts)
{
  JsonObject *checksum = get_object (facts, "checksum");
  JsonArray *warnings = get_array (facts, "warnings");
  g_autofree char *size = get_size (facts, "size");
  g_autofree char *allocated = get_size (facts, "allocated_size");

  add_line (text, "Image:", get_string (facts, "path"));
  g_string_append_printf (text, "%-12s%s, a disk of %s, %s in this file system\n",
                          "Format:", get_string (facts, "format"), size, allocated);
  if (checksum == NULL)
    {
      if (warnings == NULL)
        add_line (text, "Checksum:", "none beside the image");
      for (guint i = 0; warnings != NULL && i < json_array_get_length (warnings); i++)
        add_line (text, "WARNING:", json_array_get_string_element (warnings, i));
      return;
    }
  g_string_append_printf (text, "%-12s%s, %s %s\n", "Checksum:", get_string (checksum, "sha256"),
                          json_object_get_boolean_member (checksum, "matches") ? "as in"
                                                                               : "NOT the one in",
                          get_string (checksum, "file"));
}

static void
add_origin (GString *text, JsonObject *facts)
{
  JsonObject *manifest = get_object (facts, "manifest");
  JsonObject *template = get_object (manifest, "template");
  JsonArray *kernels = get_array (facts, "kernels");

  add_line (text, "System:", get_string (facts, "os"));
  for (guint i = 0; kernels != NULL && i < json_array_get_length (kernels); i++)
    add_line (text, i == 0 ? "Kernel:" : "", json_array_get_string_element (kernels, i));
  if (manifest == NULL)
    {
      add_line (text, "Template:", "unknown: this image was not made by lodge");
      return;
    }
  add_line (text, "Template:", get_string (template, "name"));
  add_line (text, "Lodge:", get_string (manifest, "lodge_version"));
  add_line (text, "Build:", get_string (manifest, "build_hash"));
}

static void
add_partitions (GString *text, JsonObject *facts)
{
  JsonArray *partitions = get_array (facts, "partitions");

  g_string_append (text, "\nPartitions\n");
  for (guint i = 0; i < json_array_get_length (partitions); i++)
    {
      JsonObject *partition = json_array_get_object_element (partitions, i);
      const char *name = get_string (partition, "name");
      const char *filesystem = get_string (partition, "filesystem");
      const char *label = get_string (partition, "label");
      const char *uuid = get_string (partition, "filesystem_uuid");
      g_autofree char *size = get_size (partition, "size");

      g_string_append_printf (text, "  %" G_GINT64_FORMAT "  %-8s%10s  %s",
                              json_object_get_int_member (partition, "number"),
                              name != NULL ? name : "-", size,
                              filesystem != NULL ? filesystem : "-");
      if (label != NULL)
        g_string_append_printf (text, " \"%s\"", label);
      if (uuid != NULL)
        g_string_append_printf (text, " %s", uuid);
      g_string_append_c (text, '\n');
    }
}

/* "2 SSH keys" */
static char *
count_keys (JsonObject *object, const char *name)
{
  gint64 count = json_object_get_int_member (object, name);

  if (count == 0)
    return g_strdup ("no SSH key");
  return g_strdup_printf ("%" G_GINT64_FORMAT " SSH key%s", count, count == 1 ? "" : "s");
}

/* "kvm1, kvm2, kvm3 and 27 more" */
static char *
list_hosts (JsonObject *answers)
{
  JsonArray *hosts = get_array (answers, "hosts");
  gboolean others = json_object_get_boolean_member (answers, "other_hosts");
  guint length = json_array_get_length (hosts);
  GString *text = g_string_new (NULL);

  if (length == 0)
    g_string_append (text, others ? "any host" : "no host");
  for (guint i = 0; i < MIN (length, HOSTS_SHOWN); i++)
    g_string_append_printf (text, "%s%s", i == 0 ? "" : ", ",
                            json_array_get_string_element (hosts, i));
  if (length > HOSTS_SHOWN)
    g_string_append_printf (text, " and %u more", length - HOSTS_SHOWN);
  if (length > 0 && others)
    g_string_append (text, ", and any other host");
  return g_string_free (text, FALSE);
}

/* "layout adopt or xfs" */
static char *
list_layouts (JsonObject *answers)
{
  JsonArray *layouts = get_array (answers, "layouts");
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (layouts); i++)
    g_string_append_printf (text, "%s%s", i == 0 ? ", layout " : " or ",
                            json_array_get_string_element (layouts, i));
  return g_string_free (text, FALSE);
}

static void
add_answers (GString *text, JsonObject *answers)
{
  const char *failure = get_string (answers, "error");
  g_autofree char *hosts = NULL;
  g_autofree char *layouts = NULL;
  g_autofree char *keys = NULL;

  if (answers == NULL)
    {
      add_line (text, "  answers", "no answers.conf on LODGE");
      return;
    }
  if (failure != NULL)
    {
      add_line (text, "  answers", "on LODGE, not understood; they may hold secrets:");
      add_line (text, "", failure);
      return;
    }
  hosts = list_hosts (answers);
  layouts = list_layouts (answers);
  keys = count_keys (answers, "ssh_keys");
  g_string_append_printf (
      text, "%-12sanswers.conf on LODGE with %s and %s\n", "  answers",
      json_object_get_boolean_member (answers, "root_password") ? "a password hash" : "no password",
      keys);
  g_string_append_printf (text, "%-12sfor %s%s\n", "", hosts, layouts);
}

/* What whoever hands the image on has to know. */
static void
add_access (GString *text, JsonObject *facts)
{
  JsonObject *access = get_object (facts, "access");
  const char *password = get_string (access, "root_password");
  g_autofree char *keys = NULL;

  if (access == NULL)
    return;
  g_string_append (text, "\nAccess\n");
  add_line (text, "  password",
            g_strcmp0 (password, "set") == 0      ? "set for root"
            : g_strcmp0 (password, "empty") == 0  ? "EMPTY: root logs in without one"
            : g_strcmp0 (password, "locked") == 0 ? "no password: root is locked"
                                                  : "unknown: there is no /etc/shadow");
  if (!json_object_get_null_member (access, "root_ssh_keys"))
    keys = count_keys (access, "root_ssh_keys");
  add_line (text, "  SSH keys", keys != NULL ? keys : "unknown: there is no root file system");
  add_answers (text, get_object (access, "answers"));
}

static void
add_packages (GString *text, JsonObject *facts, gboolean list)
{
  JsonArray *packages = get_array (facts, "packages");

  if (packages == NULL)
    packages = get_array (get_object (facts, "manifest"), "packages");
  if (packages == NULL)
    return;
  if (!list)
    {
      g_string_append_printf (text, "\nPackages (%u; --packages lists them)\n",
                              json_array_get_length (packages));
      return;
    }
  g_string_append_printf (text, "\nPackages (%u)\n", json_array_get_length (packages));
  for (guint i = 0; i < json_array_get_length (packages); i++)
    {
      JsonObject *package = json_array_get_object_element (packages, i);

      g_string_append_printf (text, "  %s %s %s\n", get_string (package, "name"),
                              get_string (package, "version"),
                              get_string (package, "architecture"));
    }
}

char *
lodge_inspect_describe (JsonObject *facts, gboolean packages)
{
  g_autoptr (JsonObject) printable = lodge_json_printable (facts);
  GString *text = g_string_new (NULL);

  add_file (text, printable);
  add_origin (text, printable);
  add_partitions (text, printable);
  add_access (text, printable);
  add_packages (text, printable, packages);
  return g_string_free (text, FALSE);
}
