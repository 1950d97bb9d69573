/* The disks that were confirmed at the screens, and another one in their place.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/file.h"
#include "firstboot/confirmed-disks.h"
#include "tests/unit/made-up-facts.h"

#include <unistd.h>

/* Two disks without a serial number, as the kernel numbers what is connected. */
static LodgeFacts *
two_disks (void)
{
  LodgeFacts *facts = made_up_facts ();

  add_disk (facts, "sdb", NULL, NULL)->generation = 7;
  add_disk (facts, "sdc", NULL, "ext4")->generation = 8;
  return facts;
}

static void
test_same (void)
{
  g_autoptr (LodgeFacts) facts = two_disks ();
  g_autoptr (LodgeFacts) later = two_disks ();
  g_autofree char *text = lodge_confirmed_disks_format (facts->disks);

  g_ptr_array_insert (later->disks, 0, g_ptr_array_steal_index (later->disks, 1));
  g_assert_cmpstr (lodge_confirmed_disks_find_lost (text, later->disks), ==, NULL);
  g_assert_cmpstr (lodge_confirmed_disks_find_lost ("", later->disks), ==, NULL);
}

/* In the same place, of the same size, by the same name. */
static void
test_exchanged (void)
{
  g_autoptr (LodgeFacts) facts = two_disks ();
  g_autofree char *text = lodge_confirmed_disks_format (facts->disks);
  g_autofree char *lost = NULL;
  LodgeDisk *disk = facts->disks->pdata[1];

  disk->generation = 9;
  lost = lodge_confirmed_disks_find_lost (text, facts->disks);
  g_assert_nonnull (lost);
  g_assert_true (g_str_has_prefix (lost, "sdc (MADE UP"));
}

static void
test_gone (void)
{
  g_autoptr (LodgeFacts) facts = two_disks ();
  g_autofree char *text = lodge_confirmed_disks_format (facts->disks);
  g_autofree char *lost = NULL;

  g_ptr_array_remove_index (facts->disks, 0);
  lost = lodge_confirmed_disks_find_lost (text, facts->disks);
  g_assert_nonnull (lost);
  g_assert_true (g_str_has_prefix (lost, "sdb (MADE UP"));
}

/* What a disk says of itself cannot end its line early. */
static void
test_odd_names (void)
{
  g_autoptr (LodgeFacts) facts = two_disks ();
  g_autofree char *text = NULL;
  LodgeDisk *disk = facts->disks->pdata[0];

  disk->serial = g_strdup ("A\tB\nC");
  g_free (disk->model);
  disk->model = g_strdup ("X\nY");
  text = lodge_confirmed_disks_format (facts->disks);
  g_assert_cmpstr (lodge_confirmed_disks_find_lost (text, facts->disks), ==, NULL);
  g_ptr_array_remove_index (facts->disks, 0);
  g_free (text);
  text = lodge_confirmed_disks_format (facts->disks);
  g_assert_cmpstr (lodge_confirmed_disks_find_lost (text, facts->disks), ==, NULL);
}

static void
test_file (void)
{
  g_autoptr (LodgeFacts) facts = two_disks ();
  g_autofree char *text = lodge_confirmed_disks_format (facts->disks);
  g_autofree char *directory = g_dir_make_tmp ("lodge-confirmed-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (directory, "confirmed-disks", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (lodge_confirmed_disks_check (file, facts->disks, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_clear_error (&error);

  g_assert_true (lodge_file_replace (file, text, -1, 0600, &error));
  g_assert_true (lodge_confirmed_disks_check (file, facts->disks, &error));
  g_assert_no_error (error);

  ((LodgeDisk *)facts->disks->pdata[0])->size += 512;
  g_assert_false (lodge_confirmed_disks_check (file, facts->disks, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "sdb (MADE UP"));

  g_assert_cmpint (unlink (file), ==, 0);
  g_assert_cmpint (rmdir (directory), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/confirmed-disks/same", test_same);
  g_test_add_func ("/confirmed-disks/exchanged", test_exchanged);
  g_test_add_func ("/confirmed-disks/gone", test_gone);
  g_test_add_func ("/confirmed-disks/odd-names", test_odd_names);
  g_test_add_func ("/confirmed-disks/file", test_file);
  return g_test_run ();
}
