/* The plan: facts and answers in, what will be done out.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/plan-choose.h"

#include "common/error.h"
#include "common/uuid.h"

#include <string.h>

/* The name space of Lodge's derived UUIDs (RFC 9562, 5.5): drawn once at random. */
static const guint8 uuid_namespace[LODGE_UUID_BYTES]
    = { 0x6c, 0x0d, 0x9e, 0x0b, 0x3a, 0x5f, 0x4c, 0x1e,
        0x9b, 0x57, 0x21, 0xd4, 0x8e, 0x70, 0xa6, 0x13 };

/* The file system's UUID belongs to machine and disks: chosen anew when another disk is. */
static char *
derive_filesystem_uuid (const LodgePlan *plan, const char *seed)
{
  g_autoptr (GString) name = g_string_new (NULL);

  g_string_append_printf (name, "filesystem/%s", seed);
  for (guint i = 0; i < plan->disks->len; i++)
    {
      const LodgePlanDisk *disk = plan->disks->pdata[i];

      g_string_append_printf (name, "/%s,%s,%s,%" G_GUINT64_FORMAT,
                              disk->serial ? disk->serial : "", disk->wwn ? disk->wwn : "",
                              disk->path ? disk->path : disk->name, disk->size);
    }
  return lodge_uuid_from_name (uuid_namespace, name->str);
}

/* Guests cannot use KVM when a check of what KVM needs has failed. */
static gboolean
kvm_works (const GPtrArray *checks)
{
  for (guint i = 0; i < checks->len; i++)
    {
      const LodgeCheck *check = checks->pdata[i];

      if (check->level == LODGE_CHECK_FAIL
          && (g_str_equal (check->id, "cpu-virtualization") || g_str_has_prefix (check->id, "kvm")))
        return FALSE;
    }
  return TRUE;
}

LodgeAnswers *
lodge_plan_copy_answers (const LodgeAnswers *answers, GError **error)
{
  g_autofree char *text = lodge_answers_format (answers, TRUE);
  const char *source = answers->source != NULL ? answers->source : "answers";

  return lodge_answers_parse (source, text, strlen (text), NULL, error);
}

LodgePlan *
lodge_plan_new (const LodgeAnswers *answers, GError **error)
{
  g_autoptr (LodgePlan) plan = g_new0 (LodgePlan, 1);

  plan->disks = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_plan_disk_free);
  plan->answers = lodge_plan_copy_answers (answers, error);
  if (plan->answers == NULL)
    return NULL;
  return g_steal_pointer (&plan);
}

static gboolean
plan_storage (LodgePlan *plan, const LodgeFacts *facts, const char *seed, GError **error)
{
  if (!lodge_plan_choose_disks (plan, facts, error))
    return FALSE;
  if (plan->disks->len > 0 && plan->filesystem_uuid == NULL)
    plan->filesystem_uuid = derive_filesystem_uuid (plan, seed);
  return TRUE;
}

void
lodge_plan_copy_storage (LodgePlan *plan, const LodgePlan *earlier)
{
  for (guint i = 0; i < earlier->disks->len; i++)
    {
      const LodgePlanDisk *disk = earlier->disks->pdata[i];
      LodgePlanDisk *copy = g_new0 (LodgePlanDisk, 1);

      copy->name = g_strdup (disk->name);
      copy->serial = g_strdup (disk->serial);
      copy->wwn = g_strdup (disk->wwn);
      copy->path = g_strdup (disk->path);
      copy->size = disk->size;
      copy->content = g_strdupv (disk->content);
      copy->erase = disk->erase;
      g_ptr_array_add (plan->disks, copy);
    }
  plan->filesystem_uuid = g_strdup (earlier->filesystem_uuid);
  plan->saved_guests = g_strdupv (earlier->saved_guests);
  plan->saved_more = earlier->saved_more;
}

gboolean
lodge_plan_same_storage (const LodgeAnswers *a, const LodgeAnswers *b)
{
  if (a->layout != b->layout || a->disks->len != b->disks->len
      || !g_strv_equal ((const char *const *)a->erase, (const char *const *)b->erase))
    return FALSE;
  for (guint i = 0; i < a->disks->len; i++)
    {
      const LodgeSelector *x = a->disks->pdata[i], *y = b->disks->pdata[i];

      if (x->kind != y->kind || !g_str_equal (x->value, y->value))
        return FALSE;
    }
  return TRUE;
}

LodgePlan *
lodge_plan_make (const LodgeFacts *facts, const LodgeAnswers *answers, const char *seed,
                 GError **error)
{
  g_autoptr (LodgePlan) plan = lodge_plan_new (answers, error);

  if (plan == NULL || !plan_storage (plan, facts, seed, error)
      || !lodge_plan_choose_ports (plan, facts, error)
      || !lodge_plan_choose_nat_network (plan, facts, error))
    return NULL;
  plan->kvm = kvm_works (facts->checks);
  return g_steal_pointer (&plan);
}

LodgePlan *
lodge_plan_remake (const LodgeFacts *facts, const LodgeAnswers *answers, const char *seed,
                   const LodgePlanEarlier *earlier, gboolean *storage_kept, GError **error)
{
  g_autoptr (LodgePlan) plan = lodge_plan_new (answers, error);
  gboolean same;

  if (plan == NULL)
    return NULL;

  same = lodge_plan_same_storage (plan->answers, earlier->plan->answers);
  if (earlier->storage_done && earlier->plan->disks->len > 0 && !same)
    {
      lodge_error_set (
          error, LODGE_ERROR_REFUSED,
          "the answers' [storage] section was changed, but the VM storage has been made "
          "already: put the section back as it was");
      return NULL;
    }
  *storage_kept = earlier->storage_begun && same && earlier->plan->disks->len > 0;
  if (*storage_kept)
    lodge_plan_copy_storage (plan, earlier->plan);
  else if (!plan_storage (plan, facts, seed, error))
    return NULL;

  if (!lodge_plan_choose_ports (plan, facts, error))
    return NULL;
  /* Its own network is among the routes by now, and would drive the plan to the next one. */
  if (plan->answers->nat && earlier->guest_networks_begun && earlier->plan->nat_network != NULL)
    plan->nat_network = g_strdup (earlier->plan->nat_network);
  else if (!lodge_plan_choose_nat_network (plan, facts, error))
    return NULL;
  plan->kvm = kvm_works (facts->checks);
  return g_steal_pointer (&plan);
}

void
lodge_plan_disk_free (LodgePlanDisk *disk)
{
  if (disk == NULL)
    return;
  g_free (disk->name);
  g_free (disk->serial);
  g_free (disk->wwn);
  g_free (disk->path);
  g_strfreev (disk->content);
  g_free (disk);
}

void
lodge_plan_free (LodgePlan *plan)
{
  if (plan == NULL)
    return;
  lodge_answers_free (plan->answers);
  g_clear_pointer (&plan->disks, g_ptr_array_unref);
  g_strfreev (plan->steps);
  g_strfreev (plan->given_up);
  g_strfreev (plan->replaced);
  g_free (plan->filesystem_uuid);
  g_strfreev (plan->saved_guests);
  g_strfreev (plan->port_names);
  g_strfreev (plan->port_macs);
  g_free (plan->nat_network);
  g_free (plan);
}
