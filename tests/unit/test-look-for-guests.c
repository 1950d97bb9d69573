/* What is saved on a disk that could be adopted, seen without writing to it: real XFS file systems
 * on loop devices.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "common/run.h"
#include "firstboot/look-for-guests.h"
#include "firstboot/probe.h"
#include "tests/unit/tree-files.h"
#include "tests/unit/valgrind.h"

#define UUID "d2719c1e-8f3a-4f6e-9d3e-0c8b1d1f7a55"
#define WEB "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a01"
#define DB "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a02"

typedef struct
{
  char *room;
  char *image;
  char *mount;
} Fixture;

static void
run (const char *program, const char *a, const char *b, const char *c, const char *d)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = lodge_run_list (&error, program, a, b, c, d, NULL);

  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  fixture->room = g_dir_make_tmp ("lodge-look-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->image = g_build_filename (fixture->room, "image", NULL);
  fixture->mount = g_build_filename (fixture->room, "mount", NULL);
  run ("mkdir", fixture->mount, NULL, NULL, NULL);
  run ("truncate", "-s", "320M", fixture->image, NULL);
  run ("mkfs.xfs", "-q", fixture->image, NULL, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  remove_all (fixture->room);
  g_free (fixture->room);
  g_free (fixture->image);
  g_free (fixture->mount);
}

/* FALSE (skipped) where nothing can be mounted. */
static gboolean
mount_image (const Fixture *fixture)
{
  g_autofree char *output = NULL;

  if (skip_under_valgrind ("valgrind does not know fsopen(2)"))
    return FALSE;
  output = lodge_run_list (NULL, "mount", "-o", "loop", fixture->image, fixture->mount, NULL);

  if (output == NULL)
    g_test_skip ("no loop device can be mounted here");
  return output != NULL;
}

static void
put_guest (const Fixture *fixture, const char *name, const char *uuid)
{
  g_autofree char *path = g_strdup_printf (".lodge/saved/guests/%s/definition.xml", uuid);
  g_autofree char *xml
      = g_strdup_printf ("<domain><name>%s</name><uuid>%s</uuid></domain>", name, uuid);

  put_file (fixture->mount, path, xml);
}

static void
add_signature (LodgeDisk *disk, const char *device, const char *type)
{
  LodgeSignature *signature = g_new0 (LodgeSignature, 1);

  signature->device = g_strdup (device);
  signature->type = g_strdup (type);
  if (g_str_equal (type, "xfs"))
    {
      signature->label = g_strdup ("lodge-vms");
      signature->partition_name = g_strdup ("lodge-storage");
      signature->uuid = g_strdup (UUID);
    }
  g_ptr_array_add (disk->signatures, signature);
}

/* A disk whose one partition is the loop device DEVICE. */
static LodgeDisk *
make_disk (const char *device)
{
  LodgeDisk *disk = g_new0 (LodgeDisk, 1);
  const char *const partitions[] = { device + strlen ("/dev/"), NULL };

  disk->name = g_strdup ("made-up");
  disk->partitions = g_strdupv ((char **)partitions);
  disk->holders = g_new0 (char *, 1);
  disk->signatures = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_signature_free);
  add_signature (disk, "/dev/made-up", "gpt");
  add_signature (disk, device, "xfs");
  return disk;
}

/* NAMES are those that are seen in IMAGE, or NULL. */
static void
assert_seen (const char *image, const char *names, gboolean more)
{
  static const LodgeProbe probe = { .sysroot = "" };
  g_autoptr (GPtrArray) disks = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_disk_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = lodge_file_sha256 (image, NULL);
  g_autofree char *after = NULL;
  g_autofree char *device = lodge_run_list (&error, "losetup", "--find", "--show", image, NULL);
  g_autofree char *seen = NULL;
  LodgeDisk *disk;

  g_assert_no_error (error);
  disk = make_disk (device);
  g_ptr_array_add (disks, disk);
  lodge_disks_look_for_guests (&probe, disks);
  run ("losetup", "--detach", device, NULL, NULL);
  seen = disk->saved_guests != NULL ? g_strjoinv (" ", disk->saved_guests) : NULL;
  g_assert_cmpstr (seen, ==, names);
  g_assert_cmpint (disk->saved_more, ==, more);
  after = lodge_file_sha256 (image, NULL);
  g_assert_cmpstr (after, ==, before);
}

static void
test_none (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  if (!mount_image (fixture))
    return;
  run ("umount", fixture->mount, NULL, NULL, NULL);
  assert_seen (fixture->image, "", FALSE);
}

static void
test_names (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  if (!mount_image (fixture))
    return;
  put_guest (fixture, "web", WEB);
  put_guest (fixture, "db", DB);
  run ("umount", fixture->mount, NULL, NULL, NULL);
  assert_seen (fixture->image, "db web", FALSE);
}

/* The stick died: what was saved last stands in the log, which is not replayed to look. */
static void
test_log (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *cut = g_build_filename (fixture->room, "cut", NULL);

  if (!mount_image (fixture))
    return;
  put_guest (fixture, "web", WEB);
  run ("umount", fixture->mount, NULL, NULL, NULL);
  g_assert_true (mount_image (fixture));
  put_guest (fixture, "db", DB);
  run ("sync", "-f", fixture->mount, NULL, NULL);
  run ("cp", "--sparse=always", fixture->image, cut, NULL);
  run ("umount", fixture->mount, NULL, NULL, NULL);
  assert_seen (cut, "web", TRUE);
}

static void
test_damaged (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  if (!mount_image (fixture))
    return;
  put_guest (fixture, "web", WEB);
  put_file (fixture->mount, ".lodge/saved/guests/" DB "/definition.xml", "garbage");
  run ("umount", fixture->mount, NULL, NULL, NULL);
  assert_seen (fixture->image, "web", TRUE);
}

/* That is no store, and not the same as none. */
static void
test_no_directory (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  if (!mount_image (fixture))
    return;
  put_file (fixture->mount, ".lodge/saved", "a file");
  run ("umount", fixture->mount, NULL, NULL, NULL);
  assert_seen (fixture->image, NULL, FALSE);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/look-for-guests/none", test_none },
    { "/look-for-guests/names", test_names },
    { "/look-for-guests/log", test_log },
    { "/look-for-guests/damaged", test_damaged },
    { "/look-for-guests/no-directory", test_no_directory },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
