/* Which disks an image may be written to.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-target.h"

#include <string.h>
#include <unistd.h>

#include "common/block-tree.h"
#include "common/error.h"
#include "common/probe-files.h"
#include "common/size.h"

enum
{
  SECTOR = 512, /* bytes, as Lodge's partition tables count */
};

/* Disks on the kernel's own authority that are none that one could boot another machine from.  A
 * loop or nbd device is not among them: who names one, means it. */
static const struct
{
  const char *prefix;
  const char *what;
} no_disks[] = {
  { "dm-", "a device-mapper volume" }, { "md", "a software RAID" },
  { "bcache", "a bcache volume" },     { "zd", "a ZFS volume" },
  { "zram", "compressed memory" },     { "ram", "memory" },
  { "sr", "an optical drive" },        { "fd", "a floppy drive" },
  { "mtdblock", "raw flash" },
};

/* What a disk holds a part of, as libblkid names it: to overwrite one is to damage the whole. */
static const struct
{
  const char *type;
  const char *what;
} members[] = {
  { "LVM2_member", "an LVM physical volume" },
  { "LVM1_member", "an LVM physical volume" },
  { "linux_raid_member", "a member of a software RAID" },
  { "zfs_member", "a member of a ZFS pool" },
  { "multipath_member", "a path of a multipath disk" },
  { "bcache", "a part of a bcache" },
  { "ceph_bluestore", "Ceph storage" },
  { "drbd", "a part of a DRBD device" },
  { "VMFS_volume_member", "VMware storage" },
  { "swap", "swap space" },
  { "swsuspend", "a hibernated system" },
};

LodgeDiskPurpose
lodge_flash_purpose (guint64 image_size)
{
  const LodgeDiskPurpose purpose = { .minimum_size = image_size, .for_image = TRUE };

  return purpose;
}

static char *
refuse_member (const LodgeDisk *disk)
{
  for (guint i = 0; i < disk->signatures->len; i++)
    {
      const LodgeSignature *signature = g_ptr_array_index (disk->signatures, i);
      const char *what = NULL;

      for (gsize j = 0; what == NULL && j < G_N_ELEMENTS (members); j++)
        if (g_str_equal (signature->type, members[j].type))
          what = members[j].what;
      /* The RAID of a firmware or controller: isw_raid_member, ddf_raid_member … */
      if (what == NULL && g_strcmp0 (signature->usage, "raid") == 0)
        what = "a member of a RAID";
      if (what != NULL)
        return g_strdup_printf (
            "%s is %s; if nothing needs that any more, remove it (wipefs -a %s) "
            "and try again",
            signature->device, what, signature->device);
    }
  return NULL;
}

/* The loop device that DISK or one of its partitions was given to as its file, or NULL: the kernel
 * does not keep such a disk from others. */
static char *
find_loop (const LodgeProbe *probe, const LodgeDisk *disk)
{
  g_autoptr (GPtrArray) names = lodge_probe_list (probe, "/sys/block");

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *file
          = g_str_has_prefix (name, "loop")
                ? lodge_probe_read (probe, "/sys/block/%s/loop/backing_file", name)
                : NULL;
      g_autofree char *below = file != NULL ? lodge_block_name_of_path (probe, file) : NULL;
      g_autofree char *whole = below != NULL ? lodge_block_whole (probe, below) : NULL;

      if (g_strcmp0 (whole, disk->name) == 0)
        return g_strdup (name);
    }
  return NULL;
}

char *
lodge_flash_refusal (const LodgeProbe *probe, const LodgeDisk *disk)
{
  g_autofree char *zoned = NULL;
  g_autofree char *loop = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (no_disks); i++)
    if (g_str_has_prefix (disk->name, no_disks[i].prefix)
        && (g_ascii_isalnum (disk->name[strlen (no_disks[i].prefix)])
            || g_str_has_suffix (no_disks[i].prefix, "-")))
      return g_strdup_printf ("it is %s and not a whole disk", no_disks[i].what);
  if (disk->unusable != NULL)
    return g_strdup (disk->unusable);
  if (disk->holders[0] != NULL)
    {
      g_autofree char *holder = lodge_block_describe (probe, disk->holders[0]);

      return g_strdup_printf ("%s is built on it", holder);
    }
  loop = find_loop (probe, disk);
  if (loop != NULL)
    return g_strdup_printf ("the loop device /dev/%s stands on it; detach that first (losetup -d "
                            "/dev/%s)",
                            loop, loop);
  if (disk->logical_sector_size != SECTOR)
    return g_strdup_printf ("its sectors are of %u bytes, the image's of %d: it would not boot",
                            disk->logical_sector_size, SECTOR);
  zoned = lodge_probe_read (probe, "/sys/block/%s/queue/zoned", disk->name);
  if (zoned != NULL && g_str_equal (zoned, "host-managed"))
    return g_strdup ("it can only be written to zone by zone (shingled recording)");
  return refuse_member (disk);
}

gboolean
lodge_flash_is_same (const LodgeDisk *a, const LodgeDisk *b)
{
  return g_str_equal (a->name, b->name)
         || (a->wwn != NULL && b->wwn != NULL && g_ascii_strcasecmp (a->wwn, b->wwn) == 0);
}

char *
lodge_flash_second_path (const LodgeProbe *probe, const GPtrArray *all, const LodgeDisk *disk)
{
  for (guint i = 0; i < all->len; i++)
    {
      const LodgeDisk *other = g_ptr_array_index (all, i);
      g_autofree char *refusal = NULL;

      if (g_str_equal (other->name, disk->name) || !lodge_flash_is_same (other, disk))
        continue;
      refusal = lodge_flash_refusal (probe, other);
      if (refusal != NULL)
        return g_strdup_printf ("it is the same disk as %s, over another path, and of that: %s",
                                other->device, refusal);
    }
  return NULL;
}

char *
lodge_flash_change (const LodgeDisk *confirmed, const LodgeDisk *now)
{
  g_autofree char *before = lodge_disk_describe_content (confirmed);
  g_autofree char *content = lodge_disk_describe_content (now);
  gboolean same
      = g_str_equal (before, content) && confirmed->signatures->len == now->signatures->len;

  for (guint i = 0; same && i < now->signatures->len; i++)
    {
      const LodgeSignature *one = g_ptr_array_index (confirmed->signatures, i);
      const LodgeSignature *other = g_ptr_array_index (now->signatures, i);

      same = g_strcmp0 (one->uuid, other->uuid) == 0;
    }
  return same ? NULL
              : g_strdup_printf ("what is on it was changed since it was confirmed; on it now: %s; "
                                 "if that may be overwritten, try again",
                                 content);
}

const char *
lodge_flash_word (const LodgeDisk *disk)
{
  return disk->serial != NULL ? disk->serial : disk->name;
}

gboolean
lodge_flash_word_matches (const LodgeDisk *disk, const char *text)
{
  if (disk->serial != NULL)
    return g_ascii_strcasecmp (disk->serial, text) == 0;
  return g_str_equal (disk->name, text) || g_str_equal (disk->device, text);
}

char *
lodge_flash_target_name (const LodgeProbe *probe, const char *path, GError **error)
{
  g_autofree char *name = lodge_block_name_of_path (probe, path);
  g_autofree char *whole = NULL;

  if (name == NULL)
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       access (path, F_OK) == 0
                           ? "%s is not a disk; lodge flash --list shows those that there are"
                           : "there is no %s; lodge flash --list shows the disks that there are",
                       path);
      return NULL;
    }
  whole = lodge_block_whole (probe, name);
  if (g_str_equal (whole, name))
    return g_steal_pointer (&whole);
  lodge_error_set (error, LODGE_ERROR_REFUSED,
                   "%s is a partition; an image is of a whole disk, so give /dev/%s", path, whole);
  return NULL;
}

static void
add_cell (GString *text, const char *value, guint columns)
{
  glong length = g_utf8_strlen (value, -1);

  g_string_append (text, value);
  for (glong i = length; i < (glong)columns; i++)
    g_string_append_c (text, ' ');
  g_string_append_c (text, ' ');
}

static void
add_disk (GString *text, const LodgeDisk *disk)
{
  g_autofree char *size = lodge_size_format (disk->size);

  add_cell (text, disk->device, 14);
  add_cell (text, size, 9);
  add_cell (text, disk->transport, 7);
  add_cell (text, disk->model != NULL ? disk->model : "-", 24);
  g_string_append_printf (text, "%s\n", disk->serial != NULL ? disk->serial : "-");
}

char *
lodge_flash_list (const LodgeProbe *probe, const GPtrArray *disks)
{
  g_autoptr (GString) usable = g_string_new (NULL);
  g_autoptr (GString) refused = g_string_new (NULL);

  for (guint i = 0; i < disks->len; i++)
    {
      const LodgeDisk *disk = g_ptr_array_index (disks, i);
      g_autofree char *refusal = lodge_flash_refusal (probe, disk);
      g_autofree char *content = lodge_disk_describe_content (disk);

      if (refusal == NULL)
        refusal = lodge_flash_second_path (probe, disks, disk);
      add_disk (refusal == NULL ? usable : refused, disk);
      if (refusal == NULL)
        g_string_append_printf (usable, "    on it: %s\n", content);
      else
        g_string_append_printf (refused, "    no: %s\n", refusal);
    }
  return g_strdup_printf ("Disks that can be written to:\n%s%s%s",
                          usable->len > 0 ? usable->str : "  none\n",
                          refused->len > 0 ? "\nNot these:\n" : "", refused->str);
}
