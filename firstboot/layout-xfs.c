/* Layout "xfs": one disk, one GPT partition "lodge-storage", one XFS file system with reflinks.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything that can refuse comes before the one point of no return in create(); everything after
 * it is the step's own work, which a run after a power cut knows again and does anew (disk-state.h,
 * storage-decision.h), until the file system is complete.  From then on it is only ever mounted.
 */
#include "common/error.h"
#include "common/run.h"
#include "common/size.h"
#include "firstboot/block-stack.h"
#include "firstboot/i18n.h"
#include "common/block-tree.h"
#include "firstboot/disk-erase.h"
#include "firstboot/disk-guard.h"
#include "firstboot/disk-holders.h"
#include "firstboot/planned-disk.h"
#include "firstboot/disk-wipe.h"
#include "firstboot/kernel-partition.h"
#include "firstboot/layout.h"
#include "firstboot/mount-unit.h"
#include "firstboot/storage-decision.h"
#include "firstboot/storage-mount.h"
#include "firstboot/xfs.h"

#include <sys/stat.h>

static void tell (const LodgeStepContext *context, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
tell (const LodgeStepContext *context, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  context->tell (line, context->tell_data);
}

static char *
describe (const LodgePlan *plan)
{
  const LodgePlanDisk *planned = plan->disks->pdata[0];
  g_autofree char *name = lodge_planned_disk_describe (planned);

  return g_strdup_printf (planned->erase
                              ? _ ("%s: erase everything on it: create one GPT partition with an "
                                   "XFS file system, mounted at %s")
                              : _ ("%s: create one GPT partition with an XFS file system, mounted "
                                   "at %s"),
                          name, LODGE_STORAGE_MOUNT_POINT);
}

/* The kernel's device node of the partition, which devtmpfs makes with it. */
static char *
find_partition_node (const LodgeDiskGuard *guard, GError **error)
{
  g_autofree char *name = lodge_storage_partition (guard->disk->name, guard->description, error);
  g_autofree char *node = name != NULL ? lodge_block_node (name) : NULL;
  struct stat status;

  if (name == NULL)
    return NULL;
  if (stat (node, &status) == 0 && S_ISBLK (status.st_mode)
      && status.st_rdev == lodge_block_devno (name))
    return g_steal_pointer (&node);
  lodge_error_set (error, LODGE_ERROR_FAILED, N_ ("%s is not the partition of %s"), node,
                   guard->description);
  return NULL;
}

/* Names of the disks that the answers' erase= gives up, and the planned one when it is among them.
 * Another disk with the planned one's serial number is not: erase= means one of them. */
static GPtrArray *
list_given_up (const LodgePlan *plan, const LodgeDiskGuard *guard)
{
  const char *const *erase = (const char *const *)plan->answers->erase;
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < guard->disks->len; i++)
    {
      const LodgeDisk *disk = guard->disks->pdata[i];

      if ((disk == guard->disk && guard->planned->erase)
          || (disk != guard->disk && lodge_disk_is_given_up (disk, erase)
              && !g_str_equal (lodge_disk_erase_name (disk), lodge_disk_erase_name (guard->disk))))
        g_ptr_array_add (names, g_strdup (disk->name));
    }
  return names;
}

/* Decides what to do with a disk in that state. */
static LodgeStorageAction
decide (const LodgeStepContext *context, const LodgeDiskGuard *guard, const LodgeDiskState *state,
        GError **error)
{
  const LodgePlan *plan = context->plan;
  g_autofree char *content = lodge_disk_describe_content (guard->disk);
  LodgeStorageCase facts = {
    .state = state,
    .content = content,
    .filesystem_uuid = plan->filesystem_uuid,
    .blank = lodge_disk_is_blank (guard->disk),
    .erase = guard->planned->erase,
    .unnamed_storage
    = lodge_disk_unnamed_storage (guard->disk, (const char *const *)plan->answers->erase),
    .resumed = context->resumed,
  };
  LodgeStorageAction action;

  if (lodge_storage_is_own (&facts))
    {
      facts.finished = lodge_mount_unit_is_for ("", plan->filesystem_uuid);
      if (!facts.finished)
        {
          g_autofree char *node = find_partition_node (guard, error);

          if (node == NULL || !lodge_xfs_holds_files (node, &facts.finished, error))
            return LODGE_STORAGE_REFUSE;
        }
    }
  action = lodge_storage_decide (&facts, error);
  if (action == LODGE_STORAGE_REFUSE)
    g_prefix_error (error, "%s ", guard->description);
  return action;
}

/* Everything that must hold before the disk is written, whatever is done with it. */
static gboolean
check_writable (const LodgeDiskGuard *guard, LodgeStorageAction action, const GPtrArray *given_up,
                GError **error)
{
  if (guard->disk->unusable != NULL)
    return lodge_error_set (error, LODGE_ERROR_REFUSED, N_ ("%s cannot be VM storage: %s"),
                            guard->description, guard->disk->unusable);
  if (!lodge_disk_check_unused (guard->disk->name, error))
    return FALSE;
  return action != LODGE_STORAGE_ERASE
         || (lodge_planned_disk_check_content (guard->disk, guard->planned, error)
             && lodge_disk_check_members (guard->disk, guard->disks, given_up, error));
}

/* All that is checked before the first write, and the claim.  STATE is what the decision was made
 * on. */
static gboolean
prepare (const LodgeStepContext *context, LodgeDiskGuard *guard, LodgeStorageAction action,
         const LodgeDiskState *state, GError **error)
{
  g_autoptr (GPtrArray) given_up = list_given_up (context->plan, guard);
  g_autoptr (LodgeDiskState) state_now = NULL;

  if (!lodge_mount_check_free (error) || !check_writable (guard, action, given_up, error))
    return FALSE;
  if (action == LODGE_STORAGE_ERASE
      && !lodge_disk_stop_holders (guard->disk->name, given_up, context->cancellable, error))
    return FALSE;
  /* Once more, and then nothing gets hold of the disk any more. */
  if (!lodge_disk_guard_verify (guard, error))
    return FALSE;
  /* Kernel names may have changed hands: they are those of the last probe. */
  g_ptr_array_unref (given_up);
  given_up = list_given_up (context->plan, guard);
  if (!check_writable (guard, action, given_up, error) || !lodge_disk_guard_claim (guard, error)
      || !lodge_disk_check_unused (guard->disk->name, error))
    return FALSE;
  state_now = lodge_disk_guard_read_state (guard, error);
  if (state_now == NULL || g_cancellable_set_error_if_cancelled (context->cancellable, error))
    return FALSE;
  if (!lodge_disk_state_equal (state, state_now)
      || (action == LODGE_STORAGE_CREATE && !lodge_disk_is_blank (guard->disk)))
    return lodge_error_set (error, LODGE_ERROR_REFUSED,
                            N_ ("%s changed while it was looked at, so it is left as it is"),
                            guard->description);
  return TRUE;
}

/* Partition table, and the kernel's knowledge of it. */
static gboolean
write_partition_table (LodgeDiskGuard *guard, GError **error)
{
  LodgeExtent extent;
  g_autoptr (GPtrArray) writes = lodge_partition_table_create (
      guard->planned->size, guard->sector_size, LODGE_STORAGE_PARTITION_NAME, &extent, error);

  return writes != NULL && lodge_sector_writes_apply (writes, guard->fd, error)
         && lodge_kernel_partition_add (guard->fd, 1, &extent, error);
}

/* From a disk that may be written to a complete file system on it. */
static gboolean
write_disk (LodgeStepContext *context, LodgeDiskGuard *guard, LodgeStorageAction action,
            GError **error)
{
  g_autofree char *node = NULL;

  if (action != LODGE_STORAGE_CREATE)
    {
      tell (context, "wiping %s", guard->description);
      if (!lodge_wipe_disk (guard->disk->name, guard->claim, guard->planned->size,
                            guard->sector_size, error))
        {
          g_prefix_error (error, "wipe %s: ", guard->description);
          return FALSE;
        }
    }
  tell (context, "partitioning %s", guard->description);
  if (!write_partition_table (guard, error))
    {
      g_prefix_error (error, "partition %s: ", guard->description);
      return FALSE;
    }
  lodge_disk_guard_unclaim (guard); /* mkfs.xfs makes its own, on the partition */
  node = find_partition_node (guard, error);
  if (node == NULL)
    return FALSE;
  tell (context, "making an XFS file system on %s", node);
  if (!lodge_xfs_make (node, context->plan->filesystem_uuid, context->cancellable, error))
    {
      g_prefix_error (error, N_ ("make the file system on %s: "), guard->description);
      return FALSE;
    }
  return TRUE;
}

static gboolean
create (LodgeStepContext *context, LodgeDiskGuard *guard, LodgeStorageAction action,
        const LodgeDiskState *state, GError **error)
{
  if (!prepare (context, guard, action, state, error))
    return FALSE;

  /* ---- The point of no return: above nothing was written, below what was on the disk is lost. */

  return write_disk (context, guard, action, error) || lodge_disk_guard_explain (guard, error);
}

/* What the report says. */
static void
measure (LodgeStepContext *context, const LodgeDiskGuard *guard, LodgeStorageAction action)
{
  static const char *const words[] = {
    [LODGE_STORAGE_REFUSE] = "refused",           [LODGE_STORAGE_KEEP] = "kept",
    [LODGE_STORAGE_CREATE] = "created",           [LODGE_STORAGE_REDO] = "made anew",
    [LODGE_STORAGE_ERASE] = "erased and created",
  };

  json_object_set_string_member (context->measured, "layout",
                                 lodge_layout_kind_name (LODGE_LAYOUT_XFS));
  json_object_set_string_member (context->measured, "disk", guard->description);
  json_object_set_string_member (context->measured, "filesystem-uuid",
                                 context->plan->filesystem_uuid);
  json_object_set_string_member (context->measured, "file-system", words[action]);
}

static gboolean
apply (LodgeStepContext *context, GError **error)
{
  const LodgePlanDisk *planned = context->plan->disks->pdata[0];
  g_autoptr (LodgeDiskGuard) guard = lodge_disk_guard_open (planned, context->cancellable, error);
  g_autoptr (LodgeDiskState) state
      = guard != NULL ? lodge_disk_guard_read_state (guard, error) : NULL;
  g_autofree char *node = NULL;
  LodgeStorageAction action;
  dev_t devno = 0;

  if (state == NULL)
    return FALSE;
  action = decide (context, guard, state, error);
  if (action == LODGE_STORAGE_REFUSE)
    return FALSE;
  if (action == LODGE_STORAGE_KEEP)
    tell (context, "%s has the file system of the interrupted run, which is kept",
          guard->description);
  else if (!create (context, guard, action, state, error))
    return FALSE;
  measure (context, guard, action);
  /* udev is needed now. */
  return lodge_storage_release (&guard, &node, &devno, context->cancellable, error)
         && lodge_storage_bring_up (context, node, devno, error);
}

const LodgeLayout lodge_layout_xfs = {
  .kind = LODGE_LAYOUT_XFS,
  .minimum_disks = 1,
  .maximum_disks = 1,
  .describe = describe,
  .apply = apply,
};
