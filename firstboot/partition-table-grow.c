/* A GUID partition table that follows its disk's growth, of a disk that is in use.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The entries and the header that vouches for them are in different sectors, so the entries are
 * never changed where the header looks for them: the new ones are first written elsewhere (the gap
 * before the first partition), the header turns to them in one sector's write, then they are
 * written at the usual place and the header turns back.
 */
#include "common/error.h"
#include "firstboot/gpt.h"
#include "firstboot/partition-table.h"
#include "firstboot/scratch-disk.h"

#include <stddef.h>
#include <string.h>

static void
get_extent (const LodgeGptEntry *entry, guint sector_size, LodgeExtent *extent)
{
  guint64 first = GUINT64_FROM_LE (entry->first_lba);

  extent->start = first * sector_size;
  extent->size = (GUINT64_FROM_LE (entry->last_lba) + 1 - first) * sector_size;
}

static gboolean
entry_is_used (const LodgeGptEntry *entry)
{
  static const guint8 unused[sizeof entry->type_guid];

  return memcmp (entry->type_guid, unused, sizeof unused) != 0;
}

/* The lowest first sector of all partitions. */
static guint64
first_partition_lba (const LodgeGpt *gpt)
{
  guint64 lowest = G_MAXUINT64;
  const LodgeGptEntry *entry;

  for (guint n = 1; (entry = lodge_gpt_entry (gpt, n)) != NULL; n++)
    if (entry_is_used (entry))
      lowest = MIN (lowest, GUINT64_FROM_LE (entry->first_lba));
  return lowest;
}

static gboolean
check_partition_is_last (const LodgeGpt *gpt, guint number, GError **error)
{
  const LodgeGptEntry *subject = lodge_gpt_entry (gpt, number);
  const LodgeGptEntry *entry;

  if (subject == NULL || !entry_is_used (subject))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "the table has no partition %u", number);
  for (guint n = 1; (entry = lodge_gpt_entry (gpt, n)) != NULL; n++)
    if (entry_is_used (entry)
        && GUINT64_FROM_LE (entry->first_lba) > GUINT64_FROM_LE (subject->first_lba))
      return lodge_error_set (error, LODGE_ERROR_REFUSED,
                              "partition %u cannot grow, as partition %u stands after it", number,
                              n);
  return TRUE;
}

/* The sector before which neither a partition nor what libparted is shown ends. */
static guint64
gap_end (const LodgeGpt *gpt, guint sector_size)
{
  return MIN (first_partition_lba (gpt), LODGE_PARTITION_ALIGNMENT / sector_size);
}

/* Copies from FD to the scratch disk what libparted reads of a table. */
static gboolean
copy_table (LodgeScratchDisk *scratch, int fd, const LodgeGpt *primary, GError **error)
{
  guint64 first = first_partition_lba (primary);
  guint64 head = MIN (first, LODGE_PARTITION_ALIGNMENT / scratch->sector_size);
  g_autoptr (GBytes) bytes = lodge_sectors_read (fd, 0, (gsize)head * scratch->sector_size, error);
  g_autoptr (LodgeGpt) backup = NULL;

  if (bytes == NULL || !lodge_sectors_write (scratch->fd, 0, bytes, error))
    return FALSE;
  /* Without a good backup libparted says so, is told to go on, and makes a new one. */
  backup = lodge_gpt_read (fd, primary->alternate_lba, scratch->sector_size, NULL);
  return backup == NULL
         || (lodge_sectors_write (scratch->fd, primary->alternate_lba * scratch->sector_size,
                                  backup->header_sector, error)
             && lodge_sectors_write (scratch->fd, backup->entries_lba * scratch->sector_size,
                                     backup->entries, error));
}

/* Lets libparted grow the partition on the scratch disk. */
static gboolean
grow_on_scratch (LodgeScratchDisk *scratch, guint number, GError **error)
{
  g_autoptr (PedDisk) disk = NULL;
  g_autoptr (PedGeometry) geometry = NULL;
  g_autoptr (PedConstraint) exact = NULL;
  g_autoptr (LodgeGpt) fixed = NULL;
  PedSector alignment = LODGE_PARTITION_ALIGNMENT / scratch->sector_size;
  PedPartition *partition;
  PedSector end;

  lodge_parted_begin (LODGE_PARTED_FIX);
  disk = ped_disk_new (scratch->device); /* moves the backup to the end */
  if (disk == NULL || !ped_disk_commit_to_dev (disk))
    return lodge_parted_error (error, "compute the partition table");
  fixed = lodge_gpt_read (scratch->fd, LODGE_GPT_PRIMARY_LBA, scratch->sector_size, error);
  if (fixed == NULL)
    return FALSE;
  partition = ped_disk_get_partition (disk, (int)number);
  if (partition == NULL)
    return lodge_parted_error (error, "find partition %u", number);
  end = (PedSector)(GUINT64_FROM_LE (lodge_gpt_header (fixed)->last_usable_lba) + 1) / alignment
            * alignment
        - 1;
  if (end <= partition->geom.end)
    return TRUE;
  geometry
      = ped_geometry_new (scratch->device, partition->geom.start, end - partition->geom.start + 1);
  exact = geometry != NULL ? ped_constraint_exact (geometry) : NULL;
  if (exact == NULL || !ped_disk_set_partition_geom (disk, partition, exact, geometry->start, end)
      || !ped_disk_commit_to_dev (disk))
    return lodge_parted_error (error, "compute the grown partition %u", number);
  return TRUE;
}

/* That nothing but partition NUMBER's end, and where the table's parts are, differs. */
static gboolean
check_only_growth (const LodgeGpt *old_table, const LodgeGpt *new_table, guint number,
                   GError **error)
{
  const LodgeGptHeader *old_header = lodge_gpt_header (old_table);
  const LodgeGptHeader *new_header = lodge_gpt_header (new_table);
  gboolean same
      = old_header->n_entries == new_header->n_entries
        && memcmp (old_header->disk_guid, new_header->disk_guid, sizeof old_header->disk_guid) == 0;
  const LodgeGptEntry *entry;

  for (guint n = 1; same && (entry = lodge_gpt_entry (old_table, n)) != NULL; n++)
    {
      LodgeGptEntry expected = *entry;
      const LodgeGptEntry *found = lodge_gpt_entry (new_table, n);

      if (n == number && GUINT64_FROM_LE (found->last_lba) >= GUINT64_FROM_LE (entry->last_lba))
        expected.last_lba = found->last_lba;
      same = memcmp (&expected, found, sizeof expected) == 0;
    }
  if (!same)
    return lodge_error_set (
        error, LODGE_ERROR_FAILED,
        "growing partition %u would change more of the partition table than its "
        "end, so nothing was changed",
        number);
  return TRUE;
}

/* The boot code in the first sector is the boot loader's: only the partition records may differ. */
static gboolean
check_boot_code (GBytes *old_sector, GBytes *new_sector, GError **error)
{
  enum
  {
    RECORDS = 446, /* the four partition records of an MBR, up to its signature */
    SIGNATURE = 510,
  };
  gsize size;
  const guint8 *old_data = g_bytes_get_data (old_sector, &size);
  const guint8 *new_data = g_bytes_get_data (new_sector, NULL);

  if (memcmp (old_data, new_data, RECORDS) == 0
      && memcmp (old_data + SIGNATURE, new_data + SIGNATURE, size - SIGNATURE) == 0)
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "the new partition table would change the boot code in the first sector, "
                          "so nothing was changed");
}

static gboolean
is_zero (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return size == 0 || (data[0] == 0 && memcmp (data, data + 1, size - 1) == 0);
}

/* A place for ENTRIES between the usual one and the first partition that nobody uses: zeros, or a
 * copy of them that a run before this one left.  0 with ERROR set when there is none. */
static guint64
find_spare (int fd, const LodgeGpt *table, guint sector_size, GError **error)
{
  guint64 count = g_bytes_get_size (table->entries) / sector_size;
  guint64 end = gap_end (table, sector_size);

  for (guint64 lba = LODGE_GPT_ENTRIES_LBA + count; lba + count <= end; lba += count)
    {
      g_autoptr (GBytes) found
          = lodge_sectors_read (fd, lba * sector_size, (gsize)count * sector_size, error);

      if (found == NULL)
        return 0;
      if (is_zero (found) || g_bytes_equal (found, table->entries))
        return lba;
    }
  lodge_error_set (
      error, LODGE_ERROR_FAILED,
      "there is no unused room before the first partition to change the partition table "
      "in safety");
  return 0;
}

/* Appends the write unless the disk has those bytes there. */
static gboolean
add_if_different (GPtrArray *writes, int fd, guint64 offset, GBytes *bytes, const char *what,
                  GError **error)
{
  g_autoptr (GBytes) found = lodge_sectors_read (fd, offset, g_bytes_get_size (bytes), error);

  if (found == NULL)
    return FALSE;
  if (!g_bytes_equal (found, bytes))
    lodge_sector_writes_add (writes, offset, bytes, what);
  return TRUE;
}

/* Puts the primary TABLE in the place of OLD_TABLE. */
static gboolean
add_primary_writes (GPtrArray *writes, int fd, const LodgeGpt *old_table, const LodgeGpt *table,
                    guint sector_size, GError **error)
{
  guint64 header_offset = (guint64)LODGE_GPT_PRIMARY_LBA * sector_size;
  gsize size = g_bytes_get_size (table->entries);
  guint64 detour = 0; /* the sector of the entries meanwhile; 0: they stay where they are */

  if (old_table->entries_lba != LODGE_GPT_ENTRIES_LBA)
    detour = old_table->entries_lba; /* a run before this one was interrupted on it */
  else if (!g_bytes_equal (old_table->entries, table->entries))
    {
      g_autoptr (GBytes) header = NULL;

      detour = find_spare (fd, table, sector_size, error);
      if (detour == 0)
        return FALSE;
      header = lodge_gpt_header_with_entries_at (table, detour);
      lodge_sector_writes_add (writes, detour * sector_size, table->entries,
                               "the new partition entries");
      lodge_sector_writes_add (writes, header_offset, header, "the partition table header");
    }
  if (detour != 0)
    lodge_sector_writes_add (writes, (guint64)LODGE_GPT_ENTRIES_LBA * sector_size, table->entries,
                             "the partition entries");
  lodge_sector_writes_add (writes, header_offset, table->header_sector,
                           "the partition table header");
  if (detour != 0)
    {
      g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (size), size);

      lodge_sector_writes_add (writes, detour * sector_size, zeros, "the room of the new entries");
    }
  return TRUE;
}

/* The writes from what FD has to what the scratch disk has. */
static gboolean
add_writes (GPtrArray *writes, int fd, const LodgeGpt *old_table, const LodgeScratchDisk *scratch,
            const LodgeGpt *table, GError **error)
{
  guint sector_size = scratch->sector_size;
  g_autoptr (LodgeGpt) backup
      = lodge_gpt_read (scratch->fd, table->alternate_lba, sector_size, error);
  g_autoptr (GBytes) old_mbr = NULL;
  g_autoptr (GBytes) new_mbr = NULL;

  if (backup == NULL)
    return FALSE;
  old_mbr = lodge_sectors_read (fd, 0, sector_size, error);
  if (old_mbr == NULL)
    return FALSE;
  new_mbr = lodge_sectors_read (scratch->fd, 0, sector_size, error);
  if (new_mbr == NULL || !check_boot_code (old_mbr, new_mbr, error))
    return FALSE;
  if (!add_if_different (writes, fd, backup->entries_lba * sector_size, backup->entries,
                         "the backup partition entries", error)
      || !add_if_different (writes, fd, table->alternate_lba * sector_size, backup->header_sector,
                            "the backup partition table header", error))
    return FALSE;
  if (!g_bytes_equal (old_table->header_sector, table->header_sector)
      && !add_primary_writes (writes, fd, old_table, table, sector_size, error))
    return FALSE;
  return add_if_different (writes, fd, 0, new_mbr, "the protective MBR", error);
}

/* Whether FD has all of it already; what only looks different (another program made the table)
 * stays. */
static gboolean
is_grown (int fd, const LodgeGpt *old_table, const LodgeGpt *table, guint sector_size)
{
  g_autoptr (LodgeGpt) backup = NULL;

  if (old_table->entries_lba != LODGE_GPT_ENTRIES_LBA
      || old_table->alternate_lba != table->alternate_lba
      || !g_bytes_equal (old_table->entries, table->entries))
    return FALSE;
  backup = lodge_gpt_read (fd, old_table->alternate_lba, sector_size, NULL);
  return backup != NULL && g_bytes_equal (backup->entries, table->entries);
}

GPtrArray *
lodge_partition_table_grow (int fd, guint64 size, guint sector_size, guint number,
                            LodgeExtent *before, LodgeExtent *after, GError **error)
{
  g_autoptr (GPtrArray) writes = lodge_sector_writes_new ();
  g_autoptr (LodgeScratchDisk) scratch = NULL;
  g_autoptr (LodgeGpt) table = NULL;
  g_autoptr (LodgeGpt) old_table = lodge_gpt_read (fd, LODGE_GPT_PRIMARY_LBA, sector_size, error);

  if (old_table == NULL || !check_partition_is_last (old_table, number, error))
    return NULL;
  if (GUINT64_FROM_LE (lodge_gpt_header (old_table)->last_usable_lba) >= size / sector_size)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "the partition table is one of a larger disk: the image is longer than this "
                       "disk, so its end is missing");
      return NULL;
    }
  scratch = lodge_scratch_disk_new (size, sector_size, error);
  if (scratch == NULL || !copy_table (scratch, fd, old_table, error)
      || !grow_on_scratch (scratch, number, error))
    return NULL;
  table = lodge_gpt_read (scratch->fd, LODGE_GPT_PRIMARY_LBA, sector_size, error);
  if (table == NULL || !check_only_growth (old_table, table, number, error))
    return NULL;
  get_extent (lodge_gpt_entry (old_table, number), sector_size, before);
  get_extent (lodge_gpt_entry (table, number), sector_size, after);
  if (!is_grown (fd, old_table, table, sector_size)
      && !add_writes (writes, fd, old_table, scratch, table, error))
    return NULL;
  return g_steal_pointer (&writes);
}
