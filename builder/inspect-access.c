/* Who gets into the host that an image becomes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Passwords and keys are counted, never shown: what is printed here is pasted into mails.
 */
#include "builder/inspect.h"

#include <string.h>

#include "builder/classroom.h"
#include "common/error.h"

enum
{
  ANSWERS_LIMIT = 1024 * 1024, /* bytes, as lodge_keyfile_load() */
};

#define ANSWERS_FILE "answers.conf"

/* --- the root file system --- */

const char *
lodge_inspect_root_password (const char *shadow)
{
  g_auto (GStrv) lines = g_strsplit (shadow, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      const char *field = g_str_has_prefix (*line, "root:") ? *line + strlen ("root:") : NULL;

      if (field != NULL && (*field == '!' || *field == '*'))
        return "locked";
      if (field != NULL)
        return *field == ':' || *field == '\0' ? "empty" : "set";
    }
  return "locked"; /* an account without a line has no password that could be typed */
}

guint
lodge_inspect_count_keys (const char *authorized_keys)
{
  g_auto (GStrv) lines = g_strsplit (authorized_keys, "\n", -1);
  guint count = 0;

  for (char **line = lines; *line != NULL; line++)
    {
      const char *text = g_strstrip (*line);

      if (*text != '\0' && *text != '#')
        count++;
    }
  return count;
}

gboolean
lodge_inspect_read_root_access (guestfs_h *g, JsonObject *access, GError **error)
{
  /* sshd_config(5), AuthorizedKeysFile: both are looked into. */
  static const char *const key_files[]
      = { "/root/.ssh/authorized_keys", "/root/.ssh/authorized_keys2" };
  g_autofree char *shadow = NULL;
  guint keys = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (key_files); i++)
    {
      g_autofree char *text = NULL;

      if (!lodge_inspect_read_optional (g, key_files[i], &text, error))
        return FALSE;
      keys += text != NULL ? lodge_inspect_count_keys (text) : 0;
    }
  if (!lodge_inspect_read_optional (g, "/etc/shadow", &shadow, error))
    return FALSE;
  json_object_set_int_member (access, "root_ssh_keys", keys);
  if (shadow != NULL)
    json_object_set_string_member (access, "root_password", lodge_inspect_root_password (shadow));
  return TRUE;
}

/* --- the LODGE partition --- */

/* What the hosts of one file get, together: SETs of char *. */
typedef struct
{
  GHashTable *keys;
  GHashTable *layouts;
  gboolean password;
} Sum;

static void
add_secrets (Sum *sum, const LodgeAnswers *answers)
{
  for (char **key = answers->ssh_keys; *key != NULL; key++)
    g_hash_table_add (sum->keys, *key);
  sum->password = sum->password || answers->root_password_hash != NULL;
}

static void
add_layout (Sum *sum, const LodgeAnswers *answers)
{
  g_hash_table_add (sum->layouts, (gpointer)lodge_layout_kind_name (answers->layout));
}

/* Its host name, or by what it is found. */
static void
add_host (JsonArray *hosts, const LodgeClassroomHost *host)
{
  g_autofree char *found_by = g_strdup_printf ("%s=%s", host->by, host->value);
  const char *name = host->reading->answers->hostname;

  json_array_add_string_element (hosts, name != NULL ? name : found_by);
}

static void
set_layouts (JsonObject *answers, GHashTable *layouts)
{
  JsonArray *array = json_array_new ();
  g_autoptr (GList) names = g_hash_table_get_keys (layouts);

  names = g_list_sort (names, (GCompareFunc)strcmp);
  for (const GList *name = names; name != NULL; name = name->next)
    json_array_add_string_element (array, name->data);
  json_object_set_array_member (answers, "layouts", array);
}

static void
describe_classroom (JsonObject *answers, const LodgeClassroom *classroom)
{
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) layouts = g_hash_table_new (g_str_hash, g_str_equal);
  Sum sum = { .keys = keys, .layouts = layouts };
  const LodgeAnswers *common = classroom->common->answers;
  gboolean others = classroom->others == NULL;
  gboolean named = others && classroom->hosts->len == 0 && common->hostname != NULL;
  JsonArray *hosts = json_array_new ();

  for (guint i = 0; i < classroom->hosts->len; i++)
    {
      const LodgeClassroomHost *host = g_ptr_array_index (classroom->hosts, i);

      add_host (hosts, host);
      add_secrets (&sum, host->reading->answers);
      add_layout (&sum, host->reading->answers);
    }
  if (named)
    json_array_add_string_element (hosts, common->hostname);
  /* Of hosts that are not set up the storage does not matter; a secret in the file does. */
  add_secrets (&sum, common);
  if (others)
    add_layout (&sum, common);
  json_object_set_array_member (answers, "hosts", hosts);
  json_object_set_boolean_member (answers, "other_hosts", others && !named);
  set_layouts (answers, layouts);
  json_object_set_boolean_member (answers, "root_password", sum.password);
  json_object_set_int_member (answers, "ssh_keys", g_hash_table_size (keys));
}

/* A file that lodge-firstboot would refuse may hold secrets all the same. */
static JsonObject *
describe_failure (const GError *failure)
{
  JsonObject *answers = json_object_new ();

  json_object_set_string_member (answers, "error", failure->message);
  return answers;
}

JsonObject *
lodge_inspect_answers (const char *text, gsize length)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (LodgeClassroom) classroom
      = lodge_classroom_read (ANSWERS_FILE, text, length, &failure);
  JsonObject *answers;

  if (classroom == NULL)
    return describe_failure (failure);
  answers = json_object_new ();
  describe_classroom (answers, classroom);
  return answers;
}

/* The file of the mounted partition; NULL with ERROR unset when there is none. */
static JsonObject *
read_file (guestfs_h *g, GError **error)
{
  static const char path[] = "/" ANSWERS_FILE;
  int exists = guestfs_is_file (g, path);
  gint64 size = exists == 1 ? guestfs_filesize (g, path) : 0;
  g_autofree char *text = NULL;
  gsize length = 0;

  if (exists == 1 && size > ANSWERS_LIMIT)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED, ANSWERS_FILE " is longer than 1 MiB");
      return NULL;
    }
  if (exists == 1 && size >= 0)
    text = guestfs_read_file (g, path, &length);
  if (text != NULL)
    return lodge_inspect_answers (text, length);
  if (exists != 0)
    lodge_guestfs_error (g, error, "read " ANSWERS_FILE);
  return NULL;
}

/* NULL when PARTITION has none. */
static JsonObject *
read_partition (guestfs_h *g, JsonObject *partition)
{
  g_autofree char *device
      = g_strdup_printf ("/dev/sda%d", (int)json_object_get_int_member (partition, "number"));
  g_autoptr (GError) failure = NULL;
  JsonObject *answers = NULL;

  if (json_object_get_null_member (partition, "label")
      || strcmp (json_object_get_string_member (partition, "label"), "LODGE") != 0)
    return NULL;
  if (guestfs_mount_ro (g, device, "/") != 0)
    lodge_guestfs_error (g, &failure, "mount the LODGE partition");
  else
    answers = read_file (g, &failure);
  return failure != NULL ? describe_failure (failure) : answers;
}

gboolean
lodge_inspect_read_answers (guestfs_h *g, JsonArray *partitions, JsonObject *access, GError **error)
{
  JsonObject *answers = NULL;

  for (guint i = 0; answers == NULL && i < json_array_get_length (partitions); i++)
    {
      answers = read_partition (g, json_array_get_object_element (partitions, i));
      if (guestfs_umount_all (g) != 0)
        {
          g_clear_pointer (&answers, json_object_unref);
          return lodge_guestfs_error (g, error, "unmount the LODGE partition of the image");
        }
    }
  if (answers != NULL)
    json_object_set_object_member (access, "answers", answers);
  else
    json_object_set_null_member (access, "answers");
  return TRUE;
}
