/* What is in an image: asked of the appliance.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/inspect.h"
#include "builder/appliance.h"
#include "builder/image-format.h"
#include "common/error.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Root for x86-64 (Discoverable Partitions Specification), as libblkid writes it. */
#define ROOT_TYPE "4f68bce3-e8cd-4db1-96e7-fbcaf984b709"

/* The value of KEY in TABLE, a list of keys and values in turn as libguestfs gives it, or NULL. */
static const char *
look_up (char **table, const char *key)
{
  for (gsize i = 0; table[i] != NULL && table[i + 1] != NULL; i += 2)
    if (strcmp (table[i], key) == 0)
      return table[i + 1];
  return NULL;
}

static void
set_string (JsonObject *object, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, name, value);
  else
    json_object_set_null_member (object, name);
}

/* One partition; *ROOT becomes its device when it is the root of a system. */
static JsonObject *
read_partition (guestfs_h *g, const struct guestfs_partition *partition, char **root,
                GError **error)
{
  g_autofree char *device = g_strdup_printf ("/dev/sda%d", (int)partition->part_num);
  g_auto (GStrv) table = guestfs_blkid (g, device);
  JsonObject *object;

  if (table == NULL)
    {
      lodge_guestfs_error (g, error, "look at partition %d", (int)partition->part_num);
      return NULL;
    }
  object = json_object_new ();
  set_string (object, "filesystem", look_up (table, "TYPE"));
  set_string (object, "filesystem_uuid", look_up (table, "UUID"));
  set_string (object, "label", look_up (table, "LABEL"));
  set_string (object, "name", look_up (table, "PART_ENTRY_NAME"));
  json_object_set_int_member (object, "number", partition->part_num);
  json_object_set_int_member (object, "size", (gint64)partition->part_size);
  json_object_set_int_member (object, "start", (gint64)partition->part_start);
  set_string (object, "type", look_up (table, "PART_ENTRY_TYPE"));
  set_string (object, "uuid", look_up (table, "PART_ENTRY_UUID"));
  if (*root == NULL && g_strcmp0 (look_up (table, "PART_ENTRY_TYPE"), ROOT_TYPE) == 0
      && look_up (table, "TYPE") != NULL)
    *root = g_steal_pointer (&device);
  return object;
}

static JsonArray *
read_partitions (guestfs_h *g, char **root, GError **error)
{
  struct guestfs_partition_list *list = guestfs_part_list (g, "/dev/sda");
  JsonArray *array = json_array_new ();

  if (list == NULL)
    lodge_guestfs_error (g, error, "read the partition table");
  for (guint32 i = 0; list != NULL && i < list->len; i++)
    {
      JsonObject *partition = read_partition (g, &list->val[i], root, error);

      if (partition == NULL)
        {
          g_clear_pointer (&list, guestfs_free_partition_list);
          break;
        }
      json_array_add_object_element (array, partition);
    }
  if (list == NULL)
    {
      json_array_unref (array);
      return NULL;
    }
  guestfs_free_partition_list (list);
  return array;
}

gboolean
lodge_inspect_read_optional (guestfs_h *g, const char *path, char **text, GError **error)
{
  gsize size;
  int exists = guestfs_is_file_opts (g, path, GUESTFS_IS_FILE_OPTS_FOLLOWSYMLINKS, 1, -1);

  *text = exists == 1 ? guestfs_read_file (g, path, &size) : NULL;
  if (exists < 0 || (exists == 1 && *text == NULL))
    return lodge_guestfs_error (g, error, "read %s in the image", path);
  return TRUE;
}

/* PRETTY_NAME of os-release(5), whose syntax is a shell's; NULL when it has none. */
static char *
os_name (const char *os_release)
{
  g_auto (GStrv) lines = g_strsplit (os_release, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "PRETTY_NAME="))
      return g_shell_unquote (*line + strlen ("PRETTY_NAME="), NULL);
  return NULL;
}

static gboolean
read_kernels (guestfs_h *g, JsonObject *facts, GError **error)
{
  static const char prefix[] = "/boot/vmlinuz-";
  g_auto (GStrv) paths = guestfs_glob_expand (g, "/boot/vmlinuz-*");
  JsonArray *kernels;

  if (paths == NULL)
    return lodge_guestfs_error (g, error, "look for kernels in the image");
  kernels = json_array_new ();
  for (char **path = paths; *path != NULL; path++)
    json_array_add_string_element (kernels, *path + strlen (prefix));
  json_object_set_array_member (facts, "kernels", kernels);
  return TRUE;
}

/* The manifest that `lodge build` put into the image, whole. */
static gboolean
add_manifest (JsonObject *facts, const char *text, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) failure = NULL;
  JsonNode *root;

  json_object_set_null_member (facts, "manifest");
  if (text == NULL)
    return TRUE;
  if (!json_parser_load_from_data (parser, text, -1, &failure))
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the manifest in the image cannot be read: %s", failure->message);
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the manifest in the image is not a JSON object");
  json_object_set_object_member (facts, "manifest", json_node_dup_object (root));
  return TRUE;
}

/* What the root file system knows. */
static gboolean
read_root (guestfs_h *g, const char *device, JsonObject *facts, GCancellable *cancellable,
           GError **error)
{
  JsonObject *access = json_object_get_object_member (facts, "access");
  g_autofree char *release = NULL;
  g_autofree char *manifest = NULL;
  g_autofree char *status = NULL;
  g_autofree char *name = NULL;

  if (guestfs_mount_ro (g, device, "/") != 0)
    return lodge_guestfs_error (g, error, "mount the root file system of the image");
  if (!lodge_inspect_read_optional (g, "/etc/os-release", &release, error)
      || !lodge_inspect_read_optional (g, "/usr/lib/lodge/manifest.json", &manifest, error)
      || !lodge_inspect_read_optional (g, "/var/lib/dpkg/status", &status, error)
      || !lodge_inspect_read_root_access (g, access, error) || !read_kernels (g, facts, error)
      || !add_manifest (facts, manifest, error))
    return FALSE;
  name = release != NULL ? os_name (release) : NULL;
  set_string (facts, "os", name);
  if (status != NULL)
    json_object_set_array_member (facts, "packages", lodge_inspect_dpkg_status (status));
  return status != NULL || lodge_inspect_read_rpm (g, facts, cancellable, error);
}

static gboolean
ask_appliance (guestfs_h *g, LodgeInspectDepth depth, JsonObject *facts, GCancellable *cancellable,
               GError **error)
{
  g_autofree char *root = NULL;
  JsonArray *partitions = read_partitions (g, &root, error);
  JsonObject *access;

  if (partitions == NULL)
    return FALSE;
  json_object_set_array_member (facts, "partitions", partitions);
  access = json_object_new ();
  json_object_set_object_member (facts, "access", access);
  json_object_set_null_member (access, "root_password");
  json_object_set_null_member (access, "root_ssh_keys");
  if (!lodge_inspect_read_answers (g, partitions, access, error))
    return FALSE;
  if (root != NULL && !read_root (g, root, facts, cancellable, error))
    return FALSE;
  json_object_set_int_member (facts, "size", guestfs_blockdev_getsize64 (g, "/dev/sda"));
  return depth == LODGE_INSPECT_FACTS || lodge_inspect_files (g, root != NULL, facts, error);
}

static gboolean
read_file_facts (JsonObject *facts, const char *image, const char *format, GError **error)
{
  struct stat status;

  if (stat (image, &status) != 0)
    return lodge_error_set_errno (error, errno, "look at %s", image);
  json_object_set_string_member (facts, "path", image);
  json_object_set_string_member (facts, "format", format);
  json_object_set_int_member (facts, "file_size", (gint64)status.st_size);
  json_object_set_int_member (facts, "allocated_size", (gint64)status.st_blocks * 512);
  return TRUE;
}

JsonObject *
lodge_inspect (const char *image, LodgeInspectDepth depth, LodgeProgress *progress,
               GCancellable *cancellable, GError **error)
{
  const char *format = lodge_image_format (image, error);
  g_autoptr (JsonObject) facts = json_object_new ();
  g_autoptr (LodgeAppliance) appliance = NULL;
  g_autoptr (GError) failure = NULL;
  guestfs_h *g;

  if (format == NULL || !read_file_facts (facts, image, format, error))
    return NULL;
  if (progress != NULL)
    lodge_progress_step (progress, "inspect", "Look into the image");
  appliance = lodge_appliance_start (image, format, LODGE_APPLIANCE_READ_ONLY, NULL, progress,
                                     cancellable);
  /* The checksum is computed while the appliance starts. */
  if (lodge_inspect_checksum (facts, image, cancellable, &failure)
      && (g = lodge_appliance_wait (appliance, &failure)) != NULL
      && ask_appliance (g, depth, facts, cancellable, &failure))
    {
      if (progress != NULL)
        lodge_progress_finish (progress);
      return g_steal_pointer (&facts);
    }
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      g_prefix_error (error, "inspect %s: ", image);
    }
  return NULL;
}
