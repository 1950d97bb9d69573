/* Layout "adopt": one disk that is Lodge's VM storage already is mounted as it is.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Before the mount nothing is written, and the disk is found again by its identity, locked, and has
 * to be what was planned: the same table, the one partition, the file system with that UUID.  The
 * mount replays the file system's log, as any does.  After it comes what a new file system gets
 * too (storage-mount.h): the mount point's permissions and .lodge/journal, and with SELinux on the
 * labels of all that is there; the step "guests" writes to .lodge/saved.  The content of the
 * administrator's files is never written.
 */
#include "common/error.h"
#include "common/run.h"
#include "firstboot/adoptable.h"
#include "firstboot/block-stack.h"
#include "firstboot/disk-holders.h"
#include "firstboot/i18n.h"
#include "firstboot/layout.h"
#include "firstboot/mount-unit.h"
#include "firstboot/planned-disk.h"
#include "firstboot/storage-mount.h"

static char *
describe_names (const LodgePlan *plan)
{
  guint count = plan->saved_guests != NULL ? g_strv_length (plan->saved_guests) : 0;
  g_autofree char *names = count > 0 ? g_strjoinv (", ", plan->saved_guests) : NULL;

  if (plan->saved_guests == NULL)
    return g_strdup (_ ("the virtual machines saved on it are defined again"));
  if (count == 0)
    return g_strdup (_ ("no virtual machine's definition is saved on it"));
  if (count == 1)
    return g_strdup_printf (_ ("1 virtual machine saved on it is defined again: %s"), names);
  return g_strdup_printf (_ ("%u virtual machines saved on it are defined again: %s"), count,
                          names);
}

static char *
describe_guests (const LodgePlan *plan)
{
  g_autofree char *names = describe_names (plan);

  if (plan->saved_guests == NULL || !plan->saved_more)
    return g_steal_pointer (&names);
  if (plan->saved_guests[0] == NULL)
    return g_strdup (_ ("it could not be read fully: virtual machines may be saved on it, and are "
                        "defined again"));
  return g_strdup_printf (_ ("%s; it could not be read fully: more may be saved on it"), names);
}

static char *
describe (const LodgePlan *plan)
{
  g_autofree char *name = lodge_planned_disk_describe (plan->disks->pdata[0]);
  g_autofree char *guests = describe_guests (plan);

  return g_strdup_printf (_ ("%s: mount the VM storage on it as it is, at %s.  Nothing is erased; "
                             "%s.  Adopt only a disk that you trust as root: what is saved on it "
                             "acts with root's power"),
                          name, LODGE_STORAGE_MOUNT_POINT, guests);
}

static gboolean
refuse (const LodgeDiskGuard *guard, GError **error)
{
  g_autofree char *content = lodge_disk_describe_content (guard->disk);

  return lodge_error_set (
      error, LODGE_ERROR_REFUSED,
      N_ ("%s is not what it was when setup was planned: it holds %s now, so it is "
          "left as it is; plan again"),
      guard->description, content);
}

/* That the disk is what was planned, by its signatures and by what was read from the device. */
static gboolean
check_content (const LodgeDiskGuard *guard, const LodgeDiskState *state, const char *uuid,
               GError **error)
{
  const LodgeSignature *storage = lodge_disk_adoptable (guard->disk);
  g_auto (GStrv) content = lodge_planned_disk_content (guard->disk);
  const LodgeDisk *copy = lodge_disk_find_copy (guard->disks, guard->disk);

  if (storage == NULL || g_ascii_strcasecmp (storage->uuid, uuid) != 0
      || state->kind != LODGE_DISK_STATE_STORAGE || g_strcmp0 (state->uuid, uuid) != 0
      || !g_strv_equal ((const char *const *)content, (const char *const *)guard->planned->content))
    return refuse (guard, error);
  if (copy == NULL)
    return TRUE;
  return lodge_error_set (
      error, LODGE_ERROR_REFUSED,
      N_ ("%s and %s have a file system of the same UUID, so one is a copy of the "
          "other; disconnect the one that is not meant"),
      guard->description, copy->name);
}

/* The unit that an interrupted run has left may be at its work still: a log takes its time to be
 * replayed, and what is half mounted is neither free nor mounted.  systemd says when it is done.
 * Before the disk is locked, which keeps udev off it.  That it fails is no error yet: the mount is
 * tried again, after all checks, and tells the reason. */
static void
wait_for_mount (const char *uuid, GCancellable *cancellable)
{
  static const char *const argv[] = { "systemctl", "start", LODGE_MOUNT_UNIT, NULL };
  g_autofree char *link = g_strconcat ("/dev/disk/by-uuid/", uuid, NULL);

  /* Without its device the unit waits for minutes, and has not begun to mount. */
  if (lodge_mount_unit_is_for ("", uuid) && g_file_test (link, G_FILE_TEST_EXISTS))
    g_free (lodge_run (argv, NULL, cancellable, NULL));
}

/* Whether an interrupted run has mounted it already, or the unit that it left has, at this boot. */
static gboolean
is_mounted (const LodgeDiskGuard *guard, const char *uuid)
{
  g_autofree char *partition
      = lodge_storage_partition (guard->disk->name, guard->description, NULL);

  return partition != NULL && lodge_mount_unit_is_for ("", uuid)
         && lodge_mount_verify (uuid, lodge_block_devno (partition), NULL);
}

static gboolean
check_free (const LodgeDiskGuard *guard, GError **error)
{
  if (guard->disk->unusable != NULL)
    return lodge_error_set (error, LODGE_ERROR_REFUSED, N_ ("%s cannot be VM storage: %s"),
                            guard->description, guard->disk->unusable);
  return lodge_mount_check_free (error) && lodge_disk_check_unused (guard->disk->name, error);
}

/* All that is checked before the mount, twice: before and after the disk is claimed. */
static gboolean
prepare (const LodgeStepContext *context, LodgeDiskGuard *guard, GError **error)
{
  const char *uuid = context->plan->filesystem_uuid;
  g_autoptr (LodgeDiskState) before = NULL;
  g_autoptr (LodgeDiskState) after = NULL;

  if (!check_free (guard, error))
    return FALSE;
  before = lodge_disk_guard_read_state (guard, error);
  if (before == NULL || !check_content (guard, before, uuid, error)
      || !lodge_disk_guard_verify (guard, error) || !check_free (guard, error)
      || !lodge_disk_guard_claim (guard, error))
    return FALSE;
  after = lodge_disk_guard_read_state (guard, error);
  if (after == NULL || g_cancellable_set_error_if_cancelled (context->cancellable, error)
      || !check_content (guard, after, uuid, error))
    return FALSE;
  if (!lodge_disk_state_equal (before, after))
    return refuse (guard, error);
  lodge_disk_guard_unclaim (guard); /* the mount makes its own */
  return TRUE;
}

static gboolean
apply (LodgeStepContext *context, GError **error)
{
  const LodgePlan *plan = context->plan;
  g_autoptr (LodgeDiskGuard) guard = NULL;
  g_autofree char *line = NULL;
  g_autofree char *node = NULL;
  dev_t devno = 0;

  wait_for_mount (plan->filesystem_uuid, context->cancellable);
  guard = lodge_disk_guard_open (plan->disks->pdata[0], context->cancellable, error);
  if (guard == NULL)
    return FALSE;
  if (!is_mounted (guard, plan->filesystem_uuid) && !prepare (context, guard, error))
    return FALSE;
  json_object_set_string_member (context->measured, "layout",
                                 lodge_layout_kind_name (LODGE_LAYOUT_ADOPT));
  json_object_set_string_member (context->measured, "disk", guard->description);
  json_object_set_string_member (context->measured, "filesystem-uuid", plan->filesystem_uuid);
  json_object_set_string_member (context->measured, "file-system", "adopted");
  line = g_strdup_printf ("mounting the VM storage of %s as it is", guard->description);
  context->tell (line, context->tell_data);
  return lodge_storage_release (&guard, &node, &devno, context->cancellable, error)
         && lodge_storage_bring_up (context, node, devno, error);
}

const LodgeLayout lodge_layout_adopt = {
  .kind = LODGE_LAYOUT_ADOPT,
  .minimum_disks = 1,
  .maximum_disks = 1,
  .describe = describe,
  .apply = apply,
};
