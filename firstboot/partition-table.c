/* New GUID partition tables.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/partition-table.h"
#include "common/error.h"
#include "firstboot/gpt.h"
#include "firstboot/scratch-disk.h"

/* Adds the one partition to DISK, aligned at both ends. */
static gboolean
add_partition (PedDisk *disk, guint sector_size, const char *name, LodgeExtent *extent,
               GError **error)
{
  g_autoptr (PedConstraint) exact = NULL;
  g_autoptr (PedPartition) partition = NULL;
  PedSector alignment = LODGE_PARTITION_ALIGNMENT / sector_size;
  /* What libparted itself takes for the last sector that a partition may have: the table's copy,
   * 128 entries and a header, stands after it. */
  PedSector reserved = (PedSector)(128 * sizeof (LodgeGptEntry) / sector_size) + 1;
  PedSector end = (disk->dev->length - reserved) / alignment * alignment - 1;

  if (end < 2 * alignment)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "it is too small for a partition (%" G_GUINT64_FORMAT " bytes)",
                            (guint64)disk->dev->length * sector_size);
  partition = ped_partition_new (disk, PED_PARTITION_NORMAL, ped_file_system_type_get ("xfs"),
                                 alignment, end);
  if (partition == NULL || !ped_partition_set_name (partition, name))
    return lodge_parted_error (error, "compute the partition");
  exact = ped_constraint_exact (&partition->geom);
  if (!ped_disk_add_partition (disk, partition, exact))
    return lodge_parted_error (error, "compute the partition table");
  extent->start = (guint64)partition->geom.start * sector_size;
  extent->size = (guint64)partition->geom.length * sector_size;
  g_steal_pointer (&partition); /* the disk owns it now */
  return TRUE;
}

GPtrArray *
lodge_partition_table_create (guint64 size, guint sector_size, const char *name,
                              LodgeExtent *extent, GError **error)
{
  g_autoptr (LodgeScratchDisk) scratch = NULL;
  g_autoptr (PedDisk) disk = NULL;
  g_autoptr (LodgeGpt) primary = NULL;
  g_autoptr (LodgeGpt) backup = NULL;
  g_autoptr (GBytes) protective_mbr = NULL;
  g_autoptr (GPtrArray) writes = lodge_sector_writes_new ();

  lodge_parted_begin (LODGE_PARTED_REFUSE);
  scratch = lodge_scratch_disk_new (size, sector_size, error);
  if (scratch == NULL)
    return NULL;
  disk = ped_disk_new_fresh (scratch->device, ped_disk_type_get ("gpt"));
  if (disk == NULL)
    {
      lodge_parted_error (error, "compute the partition table");
      return NULL;
    }
  if (!add_partition (disk, sector_size, name, extent, error))
    return NULL;
  if (!ped_disk_commit_to_dev (disk))
    {
      lodge_parted_error (error, "compute the partition table");
      return NULL;
    }

  primary = lodge_gpt_read (scratch->fd, LODGE_GPT_PRIMARY_LBA, sector_size, error);
  if (primary == NULL)
    return NULL;
  backup = lodge_gpt_read (scratch->fd, primary->alternate_lba, sector_size, error);
  if (backup == NULL)
    return NULL;
  protective_mbr = lodge_sectors_read (scratch->fd, 0, sector_size, error);
  if (protective_mbr == NULL)
    return NULL;
  lodge_sector_writes_add (writes, backup->entries_lba * sector_size, backup->entries,
                           "the backup partition entries");
  lodge_sector_writes_add (writes, primary->alternate_lba * sector_size, backup->header_sector,
                           "the backup partition table header");
  lodge_sector_writes_add (writes, primary->entries_lba * sector_size, primary->entries,
                           "the partition entries");
  lodge_sector_writes_add (writes, (guint64)LODGE_GPT_PRIMARY_LBA * sector_size,
                           primary->header_sector, "the partition table header");
  lodge_sector_writes_add (writes, 0, protective_mbr, "the protective MBR");
  return g_steal_pointer (&writes);
}
