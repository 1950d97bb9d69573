/* The partition table that a disk gets.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libfdisk moves the table, as sfdisk(8) would on the disk; but in a file of the disk's size that
 * is all hole, so that the disk gets each sector once, and the first one last.
 */
#include "builder/flash-table.h"

#include <errno.h>
#include <libfdisk/libfdisk.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "builder/flash-map.h"
#include "common/error.h"

typedef struct fdisk_context LodgeFdisk;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeFdisk, fdisk_unref_context)

enum
{
  SECTOR = 512,
  BACKUP_SECTORS = 33, /* 32 of entries, and the header: UEFI specification 2.10, section 5.3 */
};
/* With less than this behind the image's end its last MiB and the disk's are written as one. */
#define NEAR (4 * LODGE_FLASH_MARGIN)

void
lodge_flash_patch_free (LodgeFlashPatch *patch)
{
  if (patch == NULL)
    return;
  g_bytes_unref (patch->bytes);
  g_free (patch);
}

static gboolean
write_exactly (int fd, const guint8 *bytes, gsize length, guint64 offset, GError **error)
{
  while (length > 0)
    {
      ssize_t put = TEMP_FAILURE_RETRY (pwrite (fd, bytes, length, (off_t)offset));

      if (put < 0)
        return lodge_error_set_errno (error, errno, "make the partition table");
      bytes += put;
      offset += (guint64)put;
      length -= (gsize)put;
    }
  return TRUE;
}

/* Both margins of the image, at their places in FD. */
static gboolean
copy_margins (const LodgeFlashSource *source, int fd, GError **error)
{
  const guint64 offsets[] = { 0, source->size - LODGE_FLASH_MARGIN };
  g_autofree guint8 *bytes = g_malloc (LODGE_FLASH_MARGIN);

  for (gsize i = 0; i < G_N_ELEMENTS (offsets); i++)
    if (!lodge_flash_source_read (source, bytes, LODGE_FLASH_MARGIN, offsets[i], error)
        || !write_exactly (fd, bytes, LODGE_FLASH_MARGIN, offsets[i], error))
      return FALSE;
  return TRUE;
}

/* The image's backup is none of the disk any more. */
static gboolean
clear_old_backup (const LodgeFlashSource *source, int fd, GError **error)
{
  static const guint8 zeros[BACKUP_SECTORS * SECTOR];

  return write_exactly (fd, zeros, sizeof zeros, source->size - sizeof zeros, error);
}

/* libfdisk makes the protective MBR anew.  Of that only the disk's size is wanted: an image may
 * have marked its partition as active, without which some BIOSes do not boot. */
static gboolean
restore_boot_sector (const LodgeFlashSource *source, int fd, GError **error)
{
  enum
  {
    SIZE_START = 458, /* of the first record: UEFI specification 2.10, table 5.4 */
    SIZE_END = 462,
  };
  guint8 sector[SECTOR];

  return lodge_flash_source_read (source, sector, SECTOR, 0, error)
         && write_exactly (fd, sector, SIZE_START, 0, error)
         && write_exactly (fd, sector + SIZE_END, SECTOR - SIZE_END, SIZE_END, error);
}

typedef struct fdisk_table LodgeFdiskTable;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeFdiskTable, fdisk_unref_table)
typedef struct fdisk_partition LodgeFdiskPartition;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeFdiskPartition, fdisk_unref_partition)

/* Partition NUMBER, from 0. */
static int
give_partition_uuid (struct fdisk_context *context, size_t number)
{
  /* All else that is not said stays. */
  g_autoptr (LodgeFdiskPartition) change = fdisk_new_partition ();
  g_autofree char *uuid = g_uuid_string_random ();
  int result;

  if (change == NULL)
    return -ENOMEM;
  result = fdisk_partition_set_uuid (change, uuid);
  return result != 0 ? result : fdisk_set_partition (context, number, change);
}

static gboolean
give_uuids (struct fdisk_context *context, const char *image, GError **error)
{
  struct fdisk_table *partitions = NULL;
  g_autoptr (LodgeFdiskTable) table = NULL;
  g_autofree char *uuid = g_uuid_string_random ();
  int result = fdisk_set_disklabel_id_from_string (context, uuid);

  if (result == 0)
    result = fdisk_get_partitions (context, &partitions);
  table = partitions;
  for (size_t i = 0; result == 0 && i < fdisk_table_get_nents (table); i++)
    result = give_partition_uuid (
        context, fdisk_partition_get_partno (fdisk_table_get_partition (table, i)));
  return result == 0
         || lodge_error_set_errno (error, -result, "give the partitions of %s UUIDs of their own",
                                   image);
}

/* Writes the GPT in FD anew for a disk of FD's size. */
static gboolean
move_table (const LodgeFlashSource *source, int fd, guint64 disk_size, gboolean own_uuids,
            GError **error)
{
  g_autoptr (LodgeFdisk) context = fdisk_new_context ();
  struct fdisk_label *label;
  int result;

  if (context == NULL)
    return lodge_error_set_errno (error, ENOMEM, "make the partition table");
  fdisk_disable_dialogs (context, 1);
  result = fdisk_assign_device_by_fd (context, fd, source->name, 0);
  if (result != 0)
    return lodge_error_set_errno (error, -result, "read the partition table of %s", source->name);
  label = fdisk_get_label (context, NULL);
  if (label == NULL || !fdisk_has_label (context) || !fdisk_is_label (context, GPT))
    return TRUE;
  if (disk_size > source->size && !clear_old_backup (source, fd, error))
    return FALSE;
  if (own_uuids && !give_uuids (context, source->name, error))
    return FALSE;
  result = fdisk_write_disklabel (context);
  if (result != 0)
    return lodge_error_set_errno (error, -result, "move the end of the partition table of %s",
                                  source->name);
  return restore_boot_sector (source, fd, error);
}

static gboolean
add_patch (GPtrArray *patches, int fd, guint64 offset, guint64 length, GError **error)
{
  LodgeFlashPatch *patch;
  guint8 *bytes = g_malloc (length);
  ssize_t got = TEMP_FAILURE_RETRY (pread (fd, bytes, length, (off_t)offset));

  if (got != (ssize_t)length)
    {
      g_free (bytes);
      return lodge_error_set_errno (error, got < 0 ? errno : EIO, "make the partition table");
    }
  patch = g_new0 (LodgeFlashPatch, 1);
  patch->offset = offset;
  patch->bytes = g_bytes_new_take (bytes, length);
  g_ptr_array_add (patches, patch);
  return TRUE;
}

static gboolean
add_patches (const LodgeFlashSource *source, int fd, guint64 disk_size, GPtrArray *patches,
             GError **error)
{
  guint64 end = source->size - LODGE_FLASH_MARGIN;

  if (!add_patch (patches, fd, 0, LODGE_FLASH_MARGIN, error))
    return FALSE;
  if (disk_size - source->size < NEAR)
    return add_patch (patches, fd, end, disk_size - end, error);
  return add_patch (patches, fd, end, LODGE_FLASH_MARGIN, error)
         && add_patch (patches, fd, disk_size - LODGE_FLASH_MARGIN, LODGE_FLASH_MARGIN, error);
}

GPtrArray *
lodge_flash_patches (const LodgeFlashSource *source, guint64 disk_size, gboolean own_uuids,
                     GError **error)
{
  g_autoptr (GPtrArray) patches
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_flash_patch_free);
  int fd = memfd_create ("lodge-partition-table", MFD_CLOEXEC);
  gboolean made;

  if (fd < 0 || ftruncate (fd, (off_t)disk_size) != 0)
    {
      lodge_error_set_errno (error, errno, "make the partition table");
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  made = copy_margins (source, fd, error) && move_table (source, fd, disk_size, own_uuids, error)
         && add_patches (source, fd, disk_size, patches, error);
  close (fd);
  return made ? g_steal_pointer (&patches) : NULL;
}
