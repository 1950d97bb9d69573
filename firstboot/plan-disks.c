/* Which disks become VM storage: the rules that keep data safe.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A disk with anything on it is chosen only when erase= gives it up (disk-erase.h), and a disk that
 * the probe calls unusable (the boot disk, a mounted one …) never.  Every refusal lists what was
 * found, as the reader may be looking at the screen of a machine that nobody can log in to.
 */
#include "firstboot/plan-choose.h"

#include "common/error.h"
#include "firstboot/adoptable.h"
#include "firstboot/disk-erase.h"
#include "firstboot/layout.h"
#include "firstboot/planned-disk.h"

#include <string.h>

/* Another disk that goes by the same name in erase=, or NULL. */
static const LodgeDisk *
find_twin (const GPtrArray *disks, const LodgeDisk *disk)
{
  for (guint i = 0; i < disks->len; i++)
    {
      const LodgeDisk *other = disks->pdata[i];

      if (other != disk
          && g_str_equal (lodge_disk_erase_name (other), lodge_disk_erase_name (disk)))
        return other;
    }
  return NULL;
}

/* Whether disks= says which of several disks with one serial number is meant. */
static gboolean
is_singled_out (const LodgeAnswers *answers, const LodgeDisk *disk)
{
  for (guint i = 0; i < answers->disks->len; i++)
    {
      const LodgeSelector *selector = answers->disks->pdata[i];

      if ((selector->kind == LODGE_SELECT_PATH || selector->kind == LODGE_SELECT_WWN)
          && lodge_disk_matches (disk, selector))
        return TRUE;
    }
  return FALSE;
}

static gboolean
may_erase (const LodgeAnswers *answers, const GPtrArray *disks, const LodgeDisk *disk)
{
  return (find_twin (disks, disk) == NULL || is_singled_out (answers, disk))
         && lodge_disk_is_given_up (disk, (const char *const *)answers->erase);
}

/* The steadiest way to name DISK in disks=. */
char *
lodge_plan_suggest_selector (const LodgeDisk *disk)
{
  if (disk->serial != NULL)
    return g_strconcat ("serial:", disk->serial, NULL);
  if (disk->wwn != NULL)
    return g_strconcat ("wwn:", disk->wwn, NULL);
  if (disk->path != NULL)
    return g_strconcat ("path:", disk->path, NULL);
  return g_strconcat ("name:", disk->name, NULL);
}

/* "vda (…): this is the boot disk; vdb (…): holds ext4 …", or "no disk at all". */
char *
lodge_plan_list_disks (const GPtrArray *disks)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < disks->len; i++)
    {
      const LodgeDisk *disk = disks->pdata[i];
      g_autofree char *name = lodge_disk_describe (disk);

      g_string_append_printf (list, "%s%s", i > 0 ? "; " : "", name);
      if (disk->unusable != NULL)
        g_string_append_printf (list, ": %s", disk->unusable);
      else if (lodge_disk_is_blank (disk))
        g_string_append (list, ": blank");
      else
        {
          g_autofree char *content = lodge_disk_describe_content (disk);
          g_string_append_printf (list, ": holds %s", content);
        }
    }
  if (disks->len == 0)
    g_string_append (list, "no disk at all");
  return g_strdup (list->str);
}

static gboolean
refuse_content (const LodgeAnswers *answers, const GPtrArray *disks, const LodgeDisk *disk,
                GError **error)
{
  const LodgeSignature *storage
      = lodge_disk_unnamed_storage (disk, (const char *const *)answers->erase);
  g_autofree char *name = lodge_disk_describe (disk);
  g_autofree char *content = lodge_disk_describe_content (disk);

  if (lodge_disk_is_given_up (disk, (const char *const *)answers->erase))
    {
      g_autofree char *twin = lodge_disk_describe (find_twin (disks, disk));

      return lodge_error_set (error, LODGE_ERROR_REFUSED,
                              "%s holds %s, and %s goes by the same name in erase=; nothing was "
                              "touched.  Say in disks= which is meant, by path: or wwn:",
                              name, content, twin);
    }
  if (storage != NULL)
    {
      g_autofree char *clause = lodge_disk_storage_clause (storage);

      return lodge_error_set (error, LODGE_ERROR_REFUSED, "%s %s", name, clause);
    }
  return lodge_error_set (error, LODGE_ERROR_REFUSED,
                          "%s holds %s; nothing was touched.  To destroy that, add erase=%s to the "
                          "answers' [storage] section",
                          name, content, lodge_disk_erase_name (disk));
}

void
lodge_plan_add_disk (LodgePlan *plan, const LodgeDisk *disk, gboolean erase)
{
  LodgePlanDisk *chosen = g_new0 (LodgePlanDisk, 1);

  chosen->name = g_strdup (disk->name);
  chosen->serial = g_strdup (disk->serial);
  chosen->wwn = g_strdup (disk->wwn);
  chosen->path = g_strdup (disk->path);
  chosen->size = disk->size;
  chosen->content = lodge_planned_disk_content (disk);
  chosen->erase = erase;
  g_ptr_array_add (plan->disks, chosen);
}

/* disks=auto: the blank disks, and those whose content erase= gives up, if they are exactly as many
 * as the layout takes. */
static gboolean
choose_automatically (LodgePlan *plan, const LodgeFacts *facts, const LodgeLayout *layout,
                      GError **error)
{
  const char *layout_name = lodge_layout_kind_name (layout->kind);
  g_autoptr (GPtrArray) candidates = g_ptr_array_new ();
  const LodgeDisk *full = NULL;
  g_autofree char *list = lodge_plan_list_disks (facts->disks);
  guint full_count = 0;
  gboolean adoptable = FALSE;

  for (guint i = 0; i < facts->disks->len; i++)
    {
      LodgeDisk *disk = facts->disks->pdata[i];

      if (disk->unusable != NULL)
        continue;
      if (lodge_disk_is_blank (disk) || may_erase (plan->answers, facts->disks, disk))
        g_ptr_array_add (candidates, disk);
      else
        {
          full = disk;
          full_count++;
          adoptable = adoptable || lodge_disk_adoptable (disk) != NULL;
        }
    }

  if (candidates->len > layout->maximum_disks)
    {
      g_autofree char *example = lodge_plan_suggest_selector (candidates->pdata[0]);

      return lodge_error_set (
          error, LODGE_ERROR_FAILED,
          "%u disks could become VM storage and layout=%s takes %u: name the one "
          "to use in the answers' [storage] section, as disks=%s.  Found: %s",
          candidates->len, layout_name, layout->maximum_disks, example, list);
    }
  if (candidates->len < layout->minimum_disks && full_count == 1 && layout->minimum_disks == 1)
    return refuse_content (plan->answers, facts->disks, full, error);
  if (candidates->len < layout->minimum_disks)
    return lodge_error_set (
        error, full_count > 0 ? LODGE_ERROR_REFUSED : LODGE_ERROR_FAILED,
        "no blank disk was found for the VM storage (layout=%s takes %u, there "
        "are %u): add one%s.  Found: %s",
        layout_name, layout->minimum_disks, candidates->len,
        full_count == 0 ? ""
        : adoptable ? ", or keep the VM storage of Lodge that is there with layout=adopt, or give "
                      "up what is on a disk with disks= and erase="
                    : ", or give up what is on one with disks= and erase=",
        list);

  for (guint i = 0; i < candidates->len; i++)
    lodge_plan_add_disk (plan, candidates->pdata[i],
                         may_erase (plan->answers, facts->disks, candidates->pdata[i]));
  return TRUE;
}

/* The one disk that SELECTOR names. */
const LodgeDisk *
lodge_plan_find_selected (const LodgeFacts *facts, const LodgeSelector *selector, GError **error)
{
  g_autofree char *wanted = lodge_selector_format (selector);
  g_autoptr (GPtrArray) matches = g_ptr_array_new ();

  for (guint i = 0; i < facts->disks->len; i++)
    if (lodge_disk_matches (facts->disks->pdata[i], selector))
      g_ptr_array_add (matches, facts->disks->pdata[i]);

  if (matches->len == 0)
    {
      g_autofree char *list = lodge_plan_list_disks (facts->disks);

      lodge_error_set (error, LODGE_ERROR_FAILED, "there is no disk %s.  Found: %s", wanted, list);
      return NULL;
    }
  if (matches->len > 1)
    {
      g_autofree char *list = lodge_plan_list_disks (matches);

      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "disks=%s names %u disks: name one by path: or wwn:.  They are: %s", wanted,
                       matches->len, list);
      return NULL;
    }
  return matches->pdata[0];
}

static gboolean
choose_selected (LodgePlan *plan, const LodgeFacts *facts, const LodgeLayout *layout,
                 GError **error)
{
  const GPtrArray *selectors = plan->answers->disks;
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();

  if (selectors->len < layout->minimum_disks || selectors->len > layout->maximum_disks)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "layout=%s takes %u disk%s, and disks= names %u",
                            lodge_layout_kind_name (layout->kind), layout->maximum_disks,
                            layout->maximum_disks == 1 ? "" : "s", selectors->len);

  for (guint i = 0; i < selectors->len; i++)
    {
      const LodgeDisk *disk = lodge_plan_find_selected (facts, selectors->pdata[i], error);
      g_autofree char *name = NULL;

      if (disk == NULL)
        return FALSE;
      name = lodge_disk_describe (disk);
      if (g_ptr_array_find (chosen, disk, NULL))
        return lodge_error_set (error, LODGE_ERROR_REFUSED, "disks= names %s twice", name);
      if (disk->unusable != NULL)
        return lodge_error_set (error, LODGE_ERROR_REFUSED, "%s cannot be VM storage: %s", name,
                                disk->unusable);
      if (!lodge_disk_is_blank (disk) && !may_erase (plan->answers, facts->disks, disk))
        return refuse_content (plan->answers, facts->disks, disk, error);
      g_ptr_array_add (chosen, (gpointer)disk);
    }
  for (guint i = 0; i < chosen->len; i++)
    lodge_plan_add_disk (plan, chosen->pdata[i],
                         may_erase (plan->answers, facts->disks, chosen->pdata[i]));
  return TRUE;
}

gboolean
lodge_plan_choose_disks (LodgePlan *plan, const LodgeFacts *facts, GError **error)
{
  const LodgeLayout *layout = lodge_layout_find (plan->answers->layout);

  if (layout == NULL)
    {
      g_autofree char *names = lodge_layout_names ();

      return lodge_error_set (error, LODGE_ERROR_FAILED,
                              "layout=%s is not in this version of lodge-firstboot, which has: %s",
                              lodge_layout_kind_name (plan->answers->layout), names);
    }
  if (layout->kind == LODGE_LAYOUT_ADOPT)
    return lodge_plan_choose_adopted (plan, facts, error);
  if (plan->answers->disks->len > 0 || layout->maximum_disks == 0)
    return choose_selected (plan, facts, layout, error);
  return choose_automatically (plan, facts, layout, error);
}
