/* The plan as the key file that the journal keeps.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GKeyFile and not common/keyfile.h: this file is ours alone, and its values (the answers' whole
 * text) need the escapes that GKeyFile makes.
 */
#include "firstboot/plan-choose.h"

#include "common/error.h"

#include <string.h>

#define PLAN_GROUP "plan"

static void
set_string (GKeyFile *file, const char *group, const char *key, const char *value)
{
  if (value != NULL)
    g_key_file_set_string (file, group, key, value);
}

char *
lodge_plan_serialize (const LodgePlan *plan)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *answers = lodge_answers_format (plan->answers, TRUE);

  set_string (file, PLAN_GROUP, "answers-source", plan->answers->source);
  set_string (file, PLAN_GROUP, "answers", answers);
  if (plan->answers_given)
    g_key_file_set_boolean (file, PLAN_GROUP, "answers-given", TRUE);
  if (plan->steps != NULL)
    g_key_file_set_string_list (file, PLAN_GROUP, "steps", (const char *const *)plan->steps,
                                g_strv_length (plan->steps));
  if (plan->given_up != NULL)
    g_key_file_set_string_list (file, PLAN_GROUP, "given-up", (const char *const *)plan->given_up,
                                g_strv_length (plan->given_up));
  if (plan->replaced != NULL)
    g_key_file_set_string_list (file, PLAN_GROUP, "replaced", (const char *const *)plan->replaced,
                                g_strv_length (plan->replaced));
  set_string (file, PLAN_GROUP, "filesystem-uuid", plan->filesystem_uuid);
  if (plan->saved_guests != NULL)
    g_key_file_set_string_list (file, PLAN_GROUP, "saved-guests",
                                (const char *const *)plan->saved_guests,
                                g_strv_length (plan->saved_guests));
  if (plan->saved_more)
    g_key_file_set_boolean (file, PLAN_GROUP, "saved-more", TRUE);
  g_key_file_set_string_list (file, PLAN_GROUP, "port-names", (const char *const *)plan->port_names,
                              g_strv_length (plan->port_names));
  g_key_file_set_string_list (file, PLAN_GROUP, "port-macs", (const char *const *)plan->port_macs,
                              g_strv_length (plan->port_macs));
  set_string (file, PLAN_GROUP, "nat-network", plan->nat_network);
  g_key_file_set_boolean (file, PLAN_GROUP, "kvm", plan->kvm);
  g_key_file_set_uint64 (file, PLAN_GROUP, "disks", plan->disks->len);

  for (guint i = 0; i < plan->disks->len; i++)
    {
      const LodgePlanDisk *disk = plan->disks->pdata[i];
      g_autofree char *group = g_strdup_printf ("disk %u", i + 1);

      set_string (file, group, "name", disk->name);
      set_string (file, group, "serial", disk->serial);
      set_string (file, group, "wwn", disk->wwn);
      set_string (file, group, "path", disk->path);
      g_key_file_set_uint64 (file, group, "size", disk->size);
      g_key_file_set_string_list (file, group, "content", (const char *const *)disk->content,
                                  g_strv_length (disk->content));
      g_key_file_set_boolean (file, group, "erase", disk->erase);
    }
  return g_key_file_to_data (file, NULL, NULL);
}

/* A key that may be missing: FALSE only when it is there and malformed. */
static gboolean
get_optional (GKeyFile *file, const char *group, const char *key, char **value, GError **error)
{
  if (!g_key_file_has_key (file, group, key, NULL))
    return TRUE;
  *value = g_key_file_get_string (file, group, key, error);
  return *value != NULL;
}

static gboolean
get_required (GKeyFile *file, const char *group, const char *key, char **value, GError **error)
{
  *value = g_key_file_get_string (file, group, key, error);
  return *value != NULL;
}

static gboolean
get_list (GKeyFile *file, const char *group, const char *key, GStrv *value, GError **error)
{
  *value = g_key_file_get_string_list (file, group, key, NULL, error);
  return *value != NULL;
}

static gboolean
get_optional_list (GKeyFile *file, const char *group, const char *key, GStrv *value, GError **error)
{
  return !g_key_file_has_key (file, group, key, NULL) || get_list (file, group, key, value, error);
}

static gboolean
get_boolean (GKeyFile *file, const char *group, const char *key, gboolean *value, GError **error)
{
  g_autoptr (GError) problem = NULL;

  *value = g_key_file_get_boolean (file, group, key, &problem);
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gboolean
get_uint64 (GKeyFile *file, const char *group, const char *key, guint64 *value, GError **error)
{
  g_autoptr (GError) problem = NULL;

  *value = g_key_file_get_uint64 (file, group, key, &problem);
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gboolean
read_disk (GKeyFile *file, guint number, LodgePlan *plan, GError **error)
{
  g_autofree char *group = g_strdup_printf ("disk %u", number);
  LodgePlanDisk *disk = g_new0 (LodgePlanDisk, 1);

  g_ptr_array_add (plan->disks, disk);
  return get_required (file, group, "name", &disk->name, error)
         && get_optional (file, group, "serial", &disk->serial, error)
         && get_optional (file, group, "wwn", &disk->wwn, error)
         && get_optional (file, group, "path", &disk->path, error)
         && get_uint64 (file, group, "size", &disk->size, error)
         && get_list (file, group, "content", &disk->content, error)
         && get_boolean (file, group, "erase", &disk->erase, error);
}

static gboolean
read_answers (GKeyFile *file, LodgePlan *plan, GError **error)
{
  g_autofree char *source = NULL;
  g_autofree char *text = NULL;

  if (!get_required (file, PLAN_GROUP, "answers-source", &source, error)
      || !get_required (file, PLAN_GROUP, "answers", &text, error))
    return FALSE;
  plan->answers = lodge_answers_parse (source, text, strlen (text), NULL, error);
  return plan->answers != NULL;
}

static gboolean
read_plan (GKeyFile *file, LodgePlan *plan, GError **error)
{
  guint64 disks = 0;

  if (!read_answers (file, plan, error)
      || !get_optional_list (file, PLAN_GROUP, "steps", &plan->steps, error)
      || !get_optional_list (file, PLAN_GROUP, "given-up", &plan->given_up, error)
      || !get_optional_list (file, PLAN_GROUP, "replaced", &plan->replaced, error)
      || !get_optional (file, PLAN_GROUP, "filesystem-uuid", &plan->filesystem_uuid, error)
      || !get_optional_list (file, PLAN_GROUP, "saved-guests", &plan->saved_guests, error)
      || !get_list (file, PLAN_GROUP, "port-names", &plan->port_names, error)
      || !get_list (file, PLAN_GROUP, "port-macs", &plan->port_macs, error)
      || !get_optional (file, PLAN_GROUP, "nat-network", &plan->nat_network, error)
      || !get_boolean (file, PLAN_GROUP, "kvm", &plan->kvm, error)
      || !get_uint64 (file, PLAN_GROUP, "disks", &disks, error))
    return FALSE;
  plan->answers_given = g_key_file_get_boolean (file, PLAN_GROUP, "answers-given", NULL);
  plan->saved_more = g_key_file_get_boolean (file, PLAN_GROUP, "saved-more", NULL);
  for (guint i = 1; i <= disks; i++)
    if (!read_disk (file, i, plan, error))
      return FALSE;
  if (disks > 0 && plan->filesystem_uuid == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "it has no filesystem-uuid");
  return TRUE;
}

LodgePlan *
lodge_plan_deserialize (const char *path, const char *text, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (LodgePlan) plan = g_new0 (LodgePlan, 1);
  g_autoptr (GError) problem = NULL;

  plan->disks = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_plan_disk_free);
  if (!g_key_file_load_from_data (file, text, (gsize)-1, G_KEY_FILE_NONE, &problem)
      || !read_plan (file, plan, &problem))
    {
      lodge_error_set (error, LODGE_ERROR_FAILED, "%s: the recorded plan cannot be read: %s", path,
                       problem->message);
      return NULL;
    }
  return g_steal_pointer (&plan);
}

LodgePlan *
lodge_plan_copy (const LodgePlan *plan, GError **error)
{
  g_autofree char *text = lodge_plan_serialize (plan);

  return lodge_plan_deserialize ("the plan", text, error);
}
