/* The partition table and the FAT file systems of an image.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sfdisk and mkfs.fat work on the image file from outside.  The same through libguestfs is 18 calls
 * of about 1 s each in emulation, and its mkfs cannot set FAT's serial number; from outside it is
 * 0.1 s.
 */
#include "builder/disk-private.h"
#include "builder/paths.h"
#include "common/error.h"
#include "common/run.h"

enum
{
  SECTOR_SIZE = 512,
  BLOCK_SIZE = 1024, /* mkfs.fat counts in these */
  /* Windows and macOS tell FAT16 from FAT32 by the number of clusters alone: from 65525 on it is
   * FAT32 (Microsoft, FAT specification, "FAT type determination").  A margin, as Microsoft
   * recommends. */
  FAT32_CLUSTERS = 65525 + 1024,
  MAXIMUM_SECTORS_PER_CLUSTER = 64,
};

char *
lodge_disk_partition_script (const LodgeBuildPlan *plan, const char *build_hash)
{
  GString *script = g_string_new ("label: gpt\nunit: sectors\nfirst-lba: 2048\n");
  g_autofree char *disk_uuid = lodge_build_uuid (build_hash, "disk");

  g_string_append_printf (script, "label-id: %s\n", disk_uuid);
  for (guint i = 0; i < LODGE_N_PARTITIONS; i++)
    {
      const LodgePartition *partition = &plan->partitions[i];
      g_autofree char *name = g_ascii_strdown (partition->name, -1);
      g_autofree char *role = g_strconcat ("partition-", name, NULL);
      g_autofree char *uuid = lodge_build_uuid (build_hash, role);

      g_string_append_printf (script,
                              "start=%" G_GUINT64_FORMAT ", size=%" G_GUINT64_FORMAT
                              ", type=%s, uuid=%s, name=\"%s\"\n",
                              partition->start / SECTOR_SIZE, partition->size / SECTOR_SIZE,
                              partition->type_guid, uuid, partition->name);
    }
  return g_string_free (script, FALSE);
}

char *
lodge_disk_fat_uuid (guint32 volume_id)
{
  return g_strdup_printf ("%04X-%04X", volume_id >> 16, volume_id & 0xffff);
}

/* NAME's full path: ordinary users have no sbin directories in PATH. */
static char *
find_program (const char *name, const char *package, GError **error)
{
  char *path = lodge_paths_program (name);

  if (path == NULL)
    lodge_error_set (error, LODGE_ERROR_FAILED, "%s is not installed; install the package %s", name,
                     package);
  return path;
}

/* The largest cluster, in sectors, that still makes it FAT32. */
static guint
sectors_per_cluster (guint64 size)
{
  guint sectors = MAXIMUM_SECTORS_PER_CLUSTER;

  while (sectors > 1 && size / SECTOR_SIZE / sectors < FAT32_CLUSTERS)
    sectors /= 2;
  return sectors;
}

static gboolean
make_fat (const char *program, const char *image, const LodgePartition *partition,
          guint32 volume_id, GCancellable *cancellable, GError **error)
{
  g_autofree char *cluster = g_strdup_printf ("%u", sectors_per_cluster (partition->size));
  g_autofree char *id = g_strdup_printf ("%08x", volume_id);
  g_autofree char *offset = g_strdup_printf ("%" G_GUINT64_FORMAT, partition->start / SECTOR_SIZE);
  g_autofree char *blocks = g_strdup_printf ("%" G_GUINT64_FORMAT, partition->size / BLOCK_SIZE);
  /* --invariant: no time of creation.  It also sets a serial number, so -i has to come after it.
   * --mbr=n: no fake partition table inside the partition. */
  const char *argv[]
      = { program, "--invariant", "-F",   "32",      "-s",  cluster, "-n", partition->label, "-i",
          id,      "--offset",    offset, "--mbr=n", image, blocks,  NULL };
  g_autofree char *output = lodge_run (argv, NULL, cancellable, error);

  if (output != NULL)
    return TRUE;
  g_prefix_error (error, "make the file system %s in %s: ", partition->label, image);
  return FALSE;
}

gboolean
lodge_disk_partition (const LodgeDisk *disk, const char *image, GCancellable *cancellable,
                      GError **error)
{
  const LodgePartition *partitions = disk->plan->partitions;
  g_autofree char *sfdisk = find_program ("sfdisk", "fdisk (Debian) or util-linux (CentOS)", error);
  g_autofree char *mkfs = sfdisk != NULL ? find_program ("mkfs.fat", "dosfstools", error) : NULL;
  g_autofree char *script = lodge_disk_partition_script (disk->plan, disk->build_hash);
  g_autofree char *output = NULL;

  if (sfdisk == NULL || mkfs == NULL)
    return FALSE;
  {
    /* sfdisk would erase the signature of the root file system that is in its place already. */
    const char *argv[]
        = { sfdisk, "--quiet", "--wipe", "never", "--wipe-partitions", "never", image, NULL };

    output = lodge_run (argv, script, cancellable, error);
  }
  if (output == NULL)
    {
      g_prefix_error (error, "write the partition table of %s: ", image);
      return FALSE;
    }
  return make_fat (mkfs, image, &partitions[LODGE_PARTITION_ESP], disk->esp_volume_id, cancellable,
                   error)
         && make_fat (mkfs, image, &partitions[LODGE_PARTITION_LODGE], disk->lodge_volume_id,
                      cancellable, error);
}

gboolean
lodge_disk_reread (guestfs_h *g, GError **error)
{
  /* QEMU keeps nothing of a raw file in memory and shares the kernel's page cache with whoever
   * writes the file; but the appliance's own kernel has sectors of /dev/sda that it looked at when
   * it started (for a partition table, for signatures).  The partitions' devices do not exist
   * before the table is read again, so there is nothing stale in them. */
  if (guestfs_blockdev_flushbufs (g, "/dev/sda") != 0
      || guestfs_blockdev_rereadpt (g, "/dev/sda") != 0)
    return lodge_guestfs_error (g, error, "read the new partition table in the appliance");
  return TRUE;
}
