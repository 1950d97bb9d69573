/* Which disk is adopted.  Nothing is ever guessed: it must be Lodge's VM storage beyond doubt
 * (adoptable.h), and the answers must say layout=adopt.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/plan-choose.h"

#include "common/error.h"
#include "firstboot/adoptable.h"

static gboolean
adopt (LodgePlan *plan, const LodgeFacts *facts, const LodgeDisk *disk, GError **error)
{
  const LodgeSignature *storage = lodge_disk_adoptable (disk);
  const LodgeDisk *copy = lodge_disk_find_copy (facts->disks, disk);
  g_autofree char *name = lodge_disk_describe (disk);

  if (disk->unusable != NULL)
    return lodge_error_set (error, LODGE_ERROR_REFUSED, "%s cannot be VM storage: %s", name,
                            disk->unusable);
  if (storage == NULL)
    {
      g_autofree char *clause = lodge_disk_not_adoptable_clause (disk);

      return lodge_error_set (error, LODGE_ERROR_REFUSED,
                              "%s %s; layout=adopt takes nothing else, and nothing was touched",
                              name, clause);
    }
  if (copy != NULL)
    {
      g_autofree char *other = lodge_disk_describe (copy);

      return lodge_error_set (
          error, LODGE_ERROR_REFUSED,
          "%s and %s have a file system of the same UUID (%s), so one is a copy "
          "of the other; nothing was touched.  Disconnect the one that is not "
          "meant",
          name, other, storage->uuid);
    }
  lodge_plan_add_disk (plan, disk, FALSE);
  plan->filesystem_uuid = g_ascii_strdown (storage->uuid, -1);
  plan->saved_guests = g_strdupv (disk->saved_guests);
  plan->saved_more = disk->saved_more;
  return TRUE;
}

/* disks=auto: the one that can be adopted. */
static gboolean
adopt_only (LodgePlan *plan, const LodgeFacts *facts, GError **error)
{
  g_autofree char *list = lodge_plan_list_disks (facts->disks);
  const LodgeDisk *found = NULL;
  guint count = 0;

  for (guint i = 0; i < facts->disks->len; i++)
    {
      const LodgeDisk *disk = facts->disks->pdata[i];

      if (disk->unusable == NULL && lodge_disk_adoptable (disk) != NULL)
        {
          found = found != NULL ? found : disk;
          count++;
        }
    }
  if (count == 0)
    return lodge_error_set (error, LODGE_ERROR_REFUSED,
                            "no disk is VM storage of Lodge that layout=adopt could take: connect "
                            "the one that is meant.  Found: %s",
                            list);
  if (count > 1)
    {
      g_autofree char *example = lodge_plan_suggest_selector (found);

      return lodge_error_set (
          error, LODGE_ERROR_FAILED,
          "%u disks are VM storage of Lodge and layout=adopt takes 1: name the "
          "one to use in the answers' [storage] section, as disks=%s.  Found: %s",
          count, example, list);
    }
  return adopt (plan, facts, found, error);
}

gboolean
lodge_plan_choose_adopted (LodgePlan *plan, const LodgeFacts *facts, GError **error)
{
  const GPtrArray *selectors = plan->answers->disks;
  const LodgeDisk *disk;

  /* answers.conf refuses it; but a disk that is given up must never be mistaken for a kept one. */
  if (plan->answers->erase[0] != NULL)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "layout=adopt keeps what is on the disk, so erase= contradicts it");
  if (selectors->len == 0)
    return adopt_only (plan, facts, error);
  if (selectors->len > 1)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "layout=adopt takes 1 disk, and disks= names %u", selectors->len);
  disk = lodge_plan_find_selected (facts, selectors->pdata[0], error);
  return disk != NULL && adopt (plan, facts, disk, error);
}
