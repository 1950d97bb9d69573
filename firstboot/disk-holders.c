/* What stands on a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * LVM is stopped as device-mapper devices and not by vgchange: it works whatever lvm.conf, the
 * devices file or a missing disk of the volume group would make LVM say, and the disk is wiped
 * anyway.
 */
#include "firstboot/disk-holders.h"
#include "common/error.h"
#include "common/run.h"
#include "firstboot/block-stack.h"
#include "common/block-tree.h"
#include "firstboot/lvm-group.h"
#include "firstboot/mounts.h"
#include "firstboot/i18n.h"

#include <string.h>

/* "vg-data" for dm-0, "sda1" for itself. */
static char *
readable_name (const char *name)
{
  char *mapped = lodge_block_attribute (name, "dm/name");

  return mapped != NULL ? mapped : g_strdup (name);
}

static gboolean
check_table (LodgeMountTable *table, const char *disk, const GPtrArray *stack, GError **error)
{
  g_autoptr (LodgeMountIterator) iterator = mnt_new_iter (MNT_ITER_FORWARD);
  struct libmnt_fs *line;

  while (mnt_table_next_fs (table, iterator, &line) == 0)
    {
      dev_t devno = lodge_mount_devno (line);

      for (guint i = 0; devno != 0 && i < stack->len; i++)
        if (lodge_block_devno (stack->pdata[i]) == devno)
          {
            g_autofree char *name = readable_name (stack->pdata[i]);
            const char *target = mnt_fs_get_target (line);

            return lodge_error_set (error, LODGE_ERROR_REFUSED,
                                    N_ ("%s is in use: %s is %s%s, so it is left as it is"), disk,
                                    name, target != NULL ? "mounted at " : "swap space",
                                    target != NULL ? target : "");
          }
    }
  return TRUE;
}

gboolean
lodge_disk_check_unused (const char *disk, GError **error)
{
  g_autoptr (GPtrArray) stack = lodge_block_stack (disk);
  g_autoptr (LodgeMountTable) mounts = lodge_mounts_read (error);
  g_autoptr (LodgeMountTable) swaps = mounts != NULL ? lodge_swaps_read (error) : NULL;

  return swaps != NULL && check_table (mounts, disk, stack, error)
         && check_table (swaps, disk, stack, error);
}

/* The devices made of DISK: the stack without the disk, its partitions and partitions of the
 * others, which go with what they are on. */
static GPtrArray *
list_holders (const char *disk)
{
  g_autoptr (GPtrArray) stack = lodge_block_stack (disk);
  GPtrArray *holders = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < stack->len; i++)
    {
      g_autofree char *whole = lodge_block_whole (&lodge_running_machine, stack->pdata[i]);

      if (!g_str_equal (stack->pdata[i], disk) && g_str_equal (whole, stack->pdata[i]))
        g_ptr_array_add (holders, g_strdup (stack->pdata[i]));
    }
  return holders;
}

static gboolean
is_array (const char *name)
{
  g_autofree char *level = lodge_block_attribute (name, "md/level");

  return level != NULL;
}

static gboolean
check_holder (const char *holder, const char *disk, const GPtrArray *allowed, GError **error)
{
  g_autofree char *mapped = lodge_block_attribute (holder, "dm/name");
  g_autofree char *mapped_uuid = lodge_block_attribute (holder, "dm/uuid");
  g_autofree char *name = readable_name (holder);
  g_autoptr (GPtrArray) disks = lodge_block_lower_disks (holder);

  if ((mapped == NULL && !is_array (holder))
      || (mapped_uuid != NULL && g_str_has_prefix (mapped_uuid, "mpath-")))
    return lodge_error_set (
        error, LODGE_ERROR_REFUSED,
        N_ ("%s is held by %s, which cannot be stopped here; stop it and try again"), disk, name);
  for (guint i = 0; i < disks->len; i++)
    if (!lodge_block_names_contain (allowed, disks->pdata[i]))
      return lodge_error_set (
          error, LODGE_ERROR_REFUSED,
          N_ ("%s on %s also lies on %s, whose content may not be destroyed; name "
              "both in erase= or take %s out of it"),
          name, disk, (char *)disks->pdata[i], disk);
  return TRUE;
}

static gboolean
stop_holder (const char *holder, GCancellable *cancellable, GError **error)
{
  g_autofree char *mapped = lodge_block_attribute (holder, "dm/name");
  g_autofree char *node = lodge_block_node (holder);
  const char *remove[] = { "dmsetup", "remove", "--retry", mapped, NULL };
  const char *stop[] = { "mdadm", "--quiet", "--stop", node, NULL };
  g_autofree char *output = lodge_run (mapped != NULL ? remove : stop, NULL, cancellable, error);

  return output != NULL;
}

/* Stops what can be: of an array inside a container, and of snapshots, the order is not the
 * stack's, so it is tried again as long as something gives way. */
static gboolean
stop_all (const char *disk, GCancellable *cancellable, GError **error)
{
  enum
  {
    ROUNDS = 16, /* the highest pile that makes sense, and an end when something starts it again */
  };

  for (int round = 0; round < ROUNDS; round++)
    {
      g_autoptr (GPtrArray) holders = list_holders (disk);
      g_autoptr (GError) first = NULL;
      guint stopped = 0;

      if (holders->len == 0)
        return TRUE;
      for (guint i = 0; i < holders->len; i++)
        if (stop_holder (holders->pdata[i], cancellable, first == NULL ? &first : NULL))
          stopped++;
      if (stopped == 0)
        {
          g_propagate_prefixed_error (error, g_steal_pointer (&first),
                                      "stop what is made of %s: ", disk);
          return FALSE;
        }
    }
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          N_ ("what is made of %s is started again each time it is stopped"), disk);
}

/* Whether the signature is a part of something that may have parts on other disks. */
static gboolean
is_member (const LodgeSignature *signature)
{
  return g_strcmp0 (signature->usage, "raid") == 0 || g_strcmp0 (signature->type, "btrfs") == 0
         || g_strcmp0 (signature->type, "zfs_member") == 0;
}

/* Whether both are parts of the same thing, as far as libblkid can tell: all parts carry its UUID,
 * but those of some firmware RAIDs none; and LVM's is of the part alone (lvm-group.h). */
static gboolean
may_belong_together (const LodgeSignature *a, const LodgeSignature *b)
{
  if (!is_member (a) || !is_member (b) || g_str_equal (a->type, LODGE_LVM_MEMBER))
    return FALSE;
  if (a->uuid == NULL || b->uuid == NULL)
    return g_strcmp0 (a->type, b->type) == 0;
  return g_str_equal (a->uuid, b->uuid);
}

static gboolean
has_lvm (const LodgeDisk *disk)
{
  for (guint i = 0; i < disk->signatures->len; i++)
    if (g_str_equal (((const LodgeSignature *)disk->signatures->pdata[i])->type, LODGE_LVM_MEMBER))
      return TRUE;
  return FALSE;
}

gboolean
lodge_disk_check_members (const LodgeDisk *disk, const GPtrArray *disks, const GPtrArray *allowed,
                          GError **error)
{
  for (guint i = 0; i < disk->signatures->len; i++)
    {
      const LodgeSignature *ours = disk->signatures->pdata[i];

      for (guint j = 0; j < disks->len; j++)
        {
          const LodgeDisk *other = disks->pdata[j];

          for (guint k = 0; k < other->signatures->len; k++)
            {
              const LodgeSignature *theirs = other->signatures->pdata[k];

              if (other != disk && may_belong_together (ours, theirs)
                  && !lodge_block_names_contain (allowed, other->name))
                return lodge_error_set (error, LODGE_ERROR_REFUSED,
                                        N_ ("the %s on %s has another part on %s, whose content "
                                            "may not be destroyed; name "
                                            "both in erase= or take %s out of it"),
                                        ours->type, ours->device, theirs->device, disk->name);
            }
        }
    }
  return !has_lvm (disk) || lodge_lvm_check_group (disk->name, allowed, error);
}

gboolean
lodge_disk_stop_holders (const char *disk, const GPtrArray *allowed, GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GPtrArray) holders = list_holders (disk);

  if (!lodge_disk_check_unused (disk, error))
    return FALSE;
  for (guint i = 0; i < holders->len; i++)
    if (!check_holder (holders->pdata[i], disk, allowed, error))
      return FALSE;
  return stop_all (disk, cancellable, error);
}
