/* Finding the planned disk again, and whether it is the one it was.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/placeholder.h"
#include "firstboot/planned-disk.h"
#include "tests/unit/made-up-facts.h"

static void
set_uuid (LodgeDisk *disk, const char *uuid)
{
  LodgeSignature *signature = disk->signatures->pdata[0];

  g_free (signature->uuid);
  signature->uuid = g_strdup (uuid);
}

/* The plan for the disk vda of FACTS, all of it given up. */
static LodgePlan *
plan_for (LodgeFacts *facts)
{
  g_autoptr (LodgeAnswers) answers
      = parse_answers ("[storage]\ndisks=path:pci-0000:00:05.0-vda\nerase=TWIN\n");
  g_autoptr (GError) error = NULL;
  LodgePlan *plan = lodge_plan_make (facts, answers, TEST_SEED, &error);

  g_assert_no_error (error);
  return plan;
}

static LodgeFacts *
one_disk (const char *type, const char *uuid)
{
  LodgeFacts *facts = made_up_facts ();
  LodgeDisk *disk = add_disk (facts, "vda", "TWIN", type);

  if (uuid != NULL)
    set_uuid (disk, uuid);
  add_port (facts, "enp1s0", 1, TRUE);
  return facts;
}

/* Another disk in an enclosure of the same model: same serial, same size, other content. */
static void
test_other_content (void)
{
  g_autoptr (LodgeFacts) facts = one_disk ("ext4", "1111-11");
  g_autoptr (LodgePlan) plan = plan_for (facts);
  g_autoptr (LodgeFacts) later = one_disk ("ext4", "2222-22");
  const LodgePlanDisk *planned = plan->disks->pdata[0];
  g_autoptr (GError) error = NULL;

  g_assert_true (lodge_planned_disk_check_content (facts->disks->pdata[0], planned, &error));
  g_assert_no_error (error);
  g_assert_false (lodge_planned_disk_check_content (later->disks->pdata[0], planned, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
}

/* An interrupted run has wiped a part of it. */
static void
test_less_content (void)
{
  g_autoptr (LodgeFacts) facts = one_disk ("ext4", "1111-11");
  g_autoptr (LodgePlan) plan = plan_for (facts);
  const LodgePlanDisk *planned = plan->disks->pdata[0];
  LodgeDisk *disk = facts->disks->pdata[0];
  g_autoptr (GError) error = NULL;

  g_ptr_array_set_size (disk->signatures, 0);
  disk->unknown_data = TRUE;
  g_assert_true (lodge_planned_disk_check_content (disk, planned, &error));
  g_assert_no_error (error);
}

static void
test_no_longer_blank (void)
{
  g_autoptr (LodgeFacts) facts = one_disk (NULL, NULL);
  g_autoptr (LodgePlan) plan = plan_for (facts);
  const LodgePlanDisk *planned = plan->disks->pdata[0];
  LodgeDisk *disk = facts->disks->pdata[0];
  g_autoptr (GError) error = NULL;

  disk->unknown_data = TRUE;
  g_assert_false (lodge_planned_disk_check_content (disk, planned, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
}

/* Of two disks with one serial number it is the one at the planned place, in either order. */
static void
test_twins (void)
{
  g_autoptr (LodgeFacts) facts = one_disk (NULL, NULL);
  g_autoptr (LodgePlan) plan = plan_for (facts);
  g_autoptr (GError) error = NULL;
  LodgeDisk *twin = add_disk (facts, "vdb", "TWIN", NULL);
  const LodgeDisk *found;

  found = lodge_planned_disk_find (facts->disks, plan->disks->pdata[0], &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found->name, ==, "vda");
  facts->disks->pdata[1] = facts->disks->pdata[0];
  facts->disks->pdata[0] = twin;
  found = lodge_planned_disk_find (facts->disks, plan->disks->pdata[0], &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found->name, ==, "vda");

  /* Neither is where the planned one was. */
  ((char *)((LodgePlanDisk *)plan->disks->pdata[0])->path)[0] = 'x';
  g_assert_null (lodge_planned_disk_find (facts->disks, plan->disks->pdata[0], &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
}

static void
test_placeholder (void)
{
  g_assert_true (lodge_is_placeholder ("0123456789ABCDEF"));
  g_assert_true (lodge_is_placeholder ("000000000000"));
  g_assert_true (lodge_is_placeholder ("Default string"));
  g_assert_false (lodge_is_placeholder ("WD-WCC4N7XY"));
  g_assert_false (lodge_is_placeholder ("1"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/planned-disk/other-content", test_other_content);
  g_test_add_func ("/planned-disk/less-content", test_less_content);
  g_test_add_func ("/planned-disk/no-longer-blank", test_no_longer_blank);
  g_test_add_func ("/planned-disk/twins", test_twins);
  g_test_add_func ("/planned-disk/placeholder", test_placeholder);
  return g_test_run ();
}
