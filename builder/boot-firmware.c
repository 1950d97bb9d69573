/* Finds QEMU's UEFI firmware.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/boot-firmware.h"
#include "common/error.h"

#include <json-glib/json-glib.h>
#include <string.h>

void
lodge_firmware_free (LodgeFirmware *firmware)
{
  if (firmware == NULL)
    return;
  g_free (firmware->code);
  g_free (firmware->code_format);
  g_free (firmware->variables);
  g_free (firmware->variables_format);
  g_free (firmware);
}

/* The member NAME of OBJECT as an array, or NULL when it is not one. */
static JsonArray *
get_array (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static JsonObject *
get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static gboolean
array_has (JsonArray *array, const char *word)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (node) && g_strcmp0 (json_node_get_string (node), word) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Whether one of the "targets" is the machine that we start: architecture x86_64, "pc-q35-*". */
static gboolean
fits_machine (JsonArray *targets)
{
  for (guint i = 0; targets != NULL && i < json_array_get_length (targets); i++)
    {
      JsonNode *node = json_array_get_element (targets, i);
      JsonObject *target = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      JsonArray *machines = get_array (target, "machines");

      if (g_strcmp0 (get_string (target, "architecture"), "x86_64") != 0)
        continue;
      for (guint k = 0; machines != NULL && k < json_array_get_length (machines); k++)
        {
          JsonNode *machine = json_array_get_element (machines, k);

          if (JSON_NODE_HOLDS_VALUE (machine) && json_node_get_string (machine) != NULL
              && g_str_has_prefix (json_node_get_string (machine), "pc-q35-"))
            return TRUE;
        }
    }
  return FALSE;
}

/* The firmware that the description ROOT is of, or NULL when it is not what we look for. */
static LodgeFirmware *
read_description (JsonObject *root, gboolean secure)
{
  JsonArray *features = get_array (root, "features");
  JsonObject *mapping = get_object (root, "mapping");
  JsonObject *code = get_object (mapping, "executable");
  JsonObject *variables = get_object (mapping, "nvram-template");
  gboolean enrolled = array_has (features, "secure-boot") && array_has (features, "enrolled-keys");
  LodgeFirmware *firmware;

  if (!array_has (get_array (root, "interface-types"), "uefi")
      || !fits_machine (get_array (root, "targets"))
      || g_strcmp0 (get_string (mapping, "device"), "flash") != 0
      || get_string (code, "filename") == NULL || get_string (variables, "filename") == NULL
      || (secure ? !enrolled : array_has (features, "secure-boot")))
    return NULL;
  firmware = g_new0 (LodgeFirmware, 1);
  firmware->code = g_strdup (get_string (code, "filename"));
  firmware->code_format
      = g_strdup (get_string (code, "format") != NULL ? get_string (code, "format") : "raw");
  firmware->variables = g_strdup (get_string (variables, "filename"));
  firmware->variables_format = g_strdup (
      get_string (variables, "format") != NULL ? get_string (variables, "format") : "raw");
  firmware->needs_smm = array_has (features, "requires-smm");
  return firmware;
}

/* A description that cannot be read is somebody else's mistake: the others may still be good. */
static LodgeFirmware *
read_file (const char *path, gboolean secure)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root;

  if (!json_parser_load_from_file (parser, path, NULL))
    return NULL;
  root = json_parser_get_root (parser);
  return root != NULL && JSON_NODE_HOLDS_OBJECT (root)
             ? read_description (json_node_get_object (root), secure)
             : NULL;
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The names of all descriptions in DIRECTORIES, sorted, with the path that counts for each. */
static GPtrArray *
list_names (const char *const *directories, GHashTable *paths)
{
  GPtrArray *names = g_ptr_array_new ();

  for (gsize i = 0; directories[i] != NULL; i++)
    {
      g_autoptr (GDir) directory = g_dir_open (directories[i], 0, NULL);
      const char *name;

      while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
        {
          char *key;

          if (!g_str_has_suffix (name, ".json") || g_hash_table_contains (paths, name))
            continue;
          key = g_strdup (name);
          g_hash_table_insert (paths, key, g_build_filename (directories[i], name, NULL));
          g_ptr_array_add (names, key);
        }
    }
  g_ptr_array_sort (names, compare_names);
  return names;
}

LodgeFirmware *
lodge_firmware_find (const char *const *directories, gboolean secure, GError **error)
{
  g_autoptr (GHashTable) paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GPtrArray) names = list_names (directories, paths);

  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (LodgeFirmware) firmware
          = read_file (g_hash_table_lookup (paths, g_ptr_array_index (names, i)), secure);

      if (firmware != NULL && g_file_test (firmware->code, G_FILE_TEST_EXISTS)
          && g_file_test (firmware->variables, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&firmware);
    }
  lodge_error_set (error, LODGE_ERROR_FAILED,
                   "no UEFI firmware %s for QEMU is installed; install the package ovmf (Debian) "
                   "or edk2-ovmf (CentOS)",
                   secure ? "with Secure Boot" : "without Secure Boot");
  return NULL;
}

char **
lodge_firmware_directories (void)
{
  char **directories = g_new0 (char *, 4);

  directories[0] = g_build_filename (g_get_user_config_dir (), "qemu", "firmware", NULL);
  directories[1] = g_strdup ("/etc/qemu/firmware");
  directories[2] = g_strdup ("/usr/share/qemu/firmware");
  return directories;
}
