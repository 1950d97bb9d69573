/* A disk that somebody claims for a moment, as every reader does, is not in use; one that stays
 * claimed is.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/claim.h"
#include "common/run.h"
#include "firstboot/block-stack.h"
#include "firstboot/disk-guard.h"
#include "tests/unit/hardware-tree.h"

#include <fcntl.h>
#include <string.h>

#define IMAGE_SIZE (16 * 1024 * 1024)

typedef struct
{
  char *room;
  char *device; /* a loop device; NULL: none can be had, and the test is skipped */
  int claim;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *image = NULL;

  (void)data;
  fixture->room = tree_new ();
  fixture->claim = -1;
  tree_file (fixture->room, "image", "");
  image = g_build_filename (fixture->room, "image", NULL);
  g_assert_cmpint (truncate (image, IMAGE_SIZE), ==, 0);
  fixture->device = lodge_run_list (&error, "losetup", "--find", "--show", image, NULL);
  if (fixture->device == NULL)
    {
      g_autofree char *reason = g_strdup_printf ("no loop device: %s", error->message);

      g_test_skip (reason);
    }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  if (fixture->device != NULL)
    g_free (lodge_run_list (&error, "losetup", "--detach", fixture->device, NULL));
  g_assert_no_error (error);
  g_free (fixture->device);
  tree_remove (fixture->room);
  g_free (fixture->room);
}

static void
claim (Fixture *fixture)
{
  fixture->claim = open (fixture->device, O_RDONLY | O_EXCL | O_CLOEXEC);
  g_assert_cmpint (fixture->claim, !=, -1);
}

static gpointer
let_go (gpointer data)
{
  const Fixture *fixture = data;

  /* Long enough that the first look finds it. */
  g_usleep (LODGE_CLAIM_MILLISECONDS * 1000 / 4);
  close (fixture->claim);
  return NULL;
}

static LodgeDisk *
probe (const Fixture *fixture)
{
  static const LodgeDiskPurpose any = { .minimum_size = 1 };
  g_autoptr (GError) error = NULL;
  LodgeDisk *disk
      = lodge_probe_disk (&lodge_running_machine, fixture->device + strlen ("/dev/"), &any, &error);

  g_assert_no_error (error);
  return disk;
}

static void
test_moment (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LodgeDisk) disk = NULL;
  GThread *other;

  (void)data;
  if (fixture->device == NULL)
    return;
  claim (fixture);
  other = g_thread_new ("reader", let_go, fixture);
  disk = probe (fixture);
  g_thread_join (other);
  g_assert_cmpstr (disk->unusable, ==, NULL);
  g_assert_true (lodge_disk_is_blank (disk));
}

static void
test_use (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LodgeDisk) disk = NULL;

  (void)data;
  if (fixture->device == NULL)
    return;
  claim (fixture);
  disk = probe (fixture);
  close (fixture->claim);
  g_assert_nonnull (disk->unusable);
  g_assert_nonnull (strstr (disk->unusable, "it is in use"));
}

/* Setup is not stopped by somebody who looks at its disk. */
static void
test_guard (Fixture *fixture, gconstpointer data)
{
  LodgePlanDisk planned = { .size = IMAGE_SIZE };
  LodgeDiskGuard guard = { .planned = &planned, .claim = -1, .description = fixture->device };
  g_autoptr (LodgeDisk) disk = NULL;
  g_autoptr (GError) error = NULL;
  GThread *other;

  (void)data;
  if (fixture->device == NULL)
    return;
  disk = probe (fixture);
  guard.disk = disk;
  guard.fd = open (fixture->device, O_RDONLY | O_CLOEXEC);
  claim (fixture);
  other = g_thread_new ("reader", let_go, fixture);
  lodge_disk_guard_claim (&guard, &error);
  g_thread_join (other);
  g_assert_no_error (error);
  lodge_disk_guard_unclaim (&guard);
  close (guard.fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/claim/moment", Fixture, NULL, set_up, test_moment, tear_down);
  g_test_add ("/claim/use", Fixture, NULL, set_up, test_use, tear_down);
  g_test_add ("/claim/guard", Fixture, NULL, set_up, test_guard, tear_down);
  return g_test_run ();
}
