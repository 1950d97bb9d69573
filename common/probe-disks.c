/* Disks: all that could be overwritten, and those that look so but cannot be, with the reason.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/block-tree.h"
#include "common/translate.h"
#include "common/boot-disk.h"
#include "common/claim.h"
#include "common/disk-identity.h"
#include "common/probe-files.h"
#include "common/probe-signatures.h"
#include "common/error.h"
#include "common/size.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Devices that are never disks although they are no virtual block devices: optical drives,
 * floppies, flash without a translation layer, and the boot and replay-protected areas of eMMC,
 * which are partitions that the chip shows as disks. */
static gboolean
is_other_kind (const char *name)
{
  return g_str_has_prefix (name, "sr") || g_str_has_prefix (name, "fd")
         || g_str_has_prefix (name, "mtd") || strstr (name, "boot") != NULL
         || strstr (name, "rpmb") != NULL;
}

static gboolean
is_disk (const LodgeProbe *probe, const char *name)
{
  g_autofree char *path = lodge_probe_resolve (probe, "/sys/block/%s", name);

  /* loop, ram, zram, nbd, dm, md, zd, drbd … all live here; a multipath NVMe disk has its place
   * below its subsystem, and its single paths (nvme0c0n1) are hidden. */
  return path != NULL && strstr (path, "/devices/virtual/block/") == NULL && !is_other_kind (name)
         && lodge_probe_number (probe, 0, "/sys/block/%s/hidden", name) == 0;
}

/* Whether the kernel lets nobody else have the disk: what neither mounts nor sysfs tell (an
 * imported ZFS pool, a mount in another namespace).  Not a disk that QEMU was given: QEMU does not
 * ask for that. */
static gboolean
is_claimed (const LodgeProbe *probe, const char *device)
{
  int fd;

  if (lodge_probe_is_captured (probe))
    return FALSE;
  /* O_EXCL without O_CREAT on a block device: open(2). */
  fd = open (device, O_RDONLY | O_EXCL | O_CLOEXEC | O_NONBLOCK);
  if (fd >= 0)
    {
      close (fd);
      return FALSE;
    }
  return errno == EBUSY;
}

static char *
find_multipath (const LodgeProbe *probe, const LodgeDisk *disk)
{
  for (gsize i = 0; disk->holders[i] != NULL; i++)
    if (lodge_block_is_multipath (probe, disk->holders[i]))
      {
        g_autofree char *described = lodge_block_describe (probe, disk->holders[i]);

        return g_strdup_printf (_ ("it is one path of %s, and Lodge does not use multipath disks"),
                                described);
      }
  return NULL;
}

/* Why the disk can never be used, or NULL; its content is not read yet. */
static char *
find_obstacle (const LodgeProbe *probe, const LodgeDisk *disk, const LodgeDiskPurpose *purpose,
               GHashTable *in_use)
{
  const char *use = g_hash_table_lookup (in_use, disk->name);
  char *obstacle;

  if (use != NULL)
    return g_strdup (use);
  if (disk->size == 0)
    return g_strdup (_ ("there is no medium in it"));
  obstacle = find_multipath (probe, disk);
  if (obstacle != NULL)
    return obstacle;
  if (disk->read_only)
    return g_strdup (_ ("it is read-only: look for a write-protect switch"));
  if (disk->size < purpose->minimum_size)
    {
      g_autofree char *minimum = lodge_size_format (purpose->minimum_size);

      /* Images are written by lodge(1), which speaks English. */
      if (purpose->for_image)
        {
          g_autofree char *size = lodge_size_format (disk->size);

          if (g_str_equal (size, minimum))
            return g_strdup_printf ("it is too small: the image needs %" G_GUINT64_FORMAT
                                    " bytes, and it has %" G_GUINT64_FORMAT,
                                    purpose->minimum_size, disk->size);
          return g_strdup_printf ("it is too small: the image needs %s, and it has %s", minimum,
                                  size);
        }
      return g_strdup_printf (_ ("it is too small: VM storage needs at least %s"), minimum);
    }
  return NULL;
}

/* Says so of those among DISKS that are claimed, now and for a while: all are waited for at once.
 */
static void
find_claims (const LodgeProbe *probe, const GPtrArray *disks)
{
  gint64 deadline = lodge_claim_deadline ();
  g_autoptr (GPtrArray) claimed = g_ptr_array_new ();

  for (guint i = 0; i < disks->len; i++)
    {
      const LodgeDisk *disk = disks->pdata[i];

      if (disk->unusable == NULL && disk->holders[0] == NULL && is_claimed (probe, disk->device))
        g_ptr_array_add (claimed, disks->pdata[i]);
    }
  while (claimed->len > 0 && lodge_claim_wait (deadline))
    for (guint i = claimed->len; i > 0; i--)
      if (!is_claimed (probe, ((const LodgeDisk *)claimed->pdata[i - 1])->device))
        g_ptr_array_remove_index_fast (claimed, i - 1);
  for (guint i = 0; i < claimed->len; i++)
    ((LodgeDisk *)claimed->pdata[i])->unusable
        = g_strdup (_ ("it is in use: the kernel has given it to another program or file system"));
}

static GStrv
list_holders (const LodgeProbe *probe, const char *name)
{
  GPtrArray *holders = lodge_block_holders (probe, name);

  g_ptr_array_add (holders, NULL);
  g_ptr_array_set_free_func (holders, NULL);
  return (GStrv)g_ptr_array_free (holders, FALSE);
}

/* Reads what is on the disk.  One that cannot be read is not usable, whatever is on it. */
static void
read_content (const LodgeProbe *probe, LodgeDisk *disk, const LodgeDiskPurpose *purpose)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeContent) content = NULL;

  if (disk->size > 0)
    content = lodge_probe_is_captured (probe)
                  ? lodge_content_captured (probe, disk->name,
                                            (const char *const *)disk->partitions, &error)
                  : lodge_content_probe (disk->device, disk->device, &error);
  if (content != NULL)
    {
      disk->signatures = g_ptr_array_ref (content->signatures);
      disk->unknown_data = content->unknown_data;
      return;
    }
  disk->signatures = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_signature_free);
  disk->unknown_data = disk->size > 0;
  if (disk->unusable != NULL || error == NULL)
    return;
  /* lodge-firstboot is root's. */
  if (purpose->for_image && access (disk->device, R_OK) != 0 && errno == EACCES)
    disk->unusable
        = g_strdup_printf ("what is on it cannot be read (%s); run lodge as root (sudo), "
                           "or give yourself access to the device",
                           error->message);
  else
    disk->unusable = g_strdup_printf (_ ("what is on it cannot be read (%s)"), error->message);
}

LodgeDisk *
lodge_probe_disk_identity (const LodgeProbe *probe, const char *name)
{
  LodgeDisk *disk = g_new0 (LodgeDisk, 1);

  disk->name = g_strdup (name);
  disk->device = g_strdup_printf ("/dev/%s", name);
  g_strdelimit (disk->device, "!", '/');
  /* In units of 512 bytes whatever the sector size: Documentation/ABI/stable/sysfs-block. */
  disk->size = (guint64)lodge_probe_number (probe, 0, "/sys/block/%s/size", name) * 512;
  disk->generation = (guint64)lodge_probe_number (probe, 0, "/sys/block/%s/diskseq", name);
  lodge_disk_identify (probe, disk);
  return disk;
}

/* But for its content. */
static LodgeDisk *
read_disk (const LodgeProbe *probe, const char *name, const LodgeDiskPurpose *purpose,
           GHashTable *in_use)
{
  LodgeDisk *disk = lodge_probe_disk_identity (probe, name);

  disk->logical_sector_size
      = (guint)lodge_probe_number (probe, 512, "/sys/block/%s/queue/logical_block_size", name);
  disk->rotational = lodge_probe_number (probe, 0, "/sys/block/%s/queue/rotational", name) == 1;
  disk->removable = lodge_probe_number (probe, 0, "/sys/block/%s/removable", name) == 1;
  disk->read_only = lodge_probe_number (probe, 0, "/sys/block/%s/ro", name) == 1;
  disk->partitions = lodge_block_partitions (probe, name);
  disk->holders = list_holders (probe, name);
  disk->unusable = find_obstacle (probe, disk, purpose, in_use);
  return disk;
}

/* The disks that the kernel calls NAMES. */
static GPtrArray *
read_disks (const LodgeProbe *probe, const GPtrArray *names, const LodgeDiskPurpose *purpose,
            GError **error)
{
  g_autoptr (GPtrArray) disks = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_disk_free);
  g_autoptr (GHashTable) in_use = lodge_disks_in_use (probe, error);

  if (in_use == NULL)
    return NULL;
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (disks, read_disk (probe, names->pdata[i], purpose, in_use));
  find_claims (probe, disks);
  for (guint i = 0; i < disks->len; i++)
    read_content (probe, disks->pdata[i], purpose);
  return g_steal_pointer (&disks);
}

GPtrArray *
lodge_probe_disks_for (const LodgeProbe *probe, const LodgeDiskPurpose *purpose, GError **error)
{
  g_autoptr (GPtrArray) names = lodge_probe_list (probe, "/sys/block");
  g_autoptr (GPtrArray) wanted = g_ptr_array_new ();

  for (guint i = 0; i < names->len; i++)
    if (is_disk (probe, names->pdata[i]))
      g_ptr_array_add (wanted, names->pdata[i]);
  return read_disks (probe, wanted, purpose, error);
}

GPtrArray *
lodge_probe_disks (const LodgeProbe *probe, GError **error)
{
  const LodgeDiskPurpose storage = { .minimum_size = LODGE_DISK_MINIMUM_SIZE };

  return lodge_probe_disks_for (probe, &storage, error);
}

LodgeDisk *
lodge_probe_disk (const LodgeProbe *probe, const char *name, const LodgeDiskPurpose *purpose,
                  GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) disks = NULL;

  if (!lodge_probe_exists (probe, "/sys/block/%s/dev", name))
    {
      lodge_error_set (error, LODGE_ERROR_FAILED, "%s is not in /sys/block: it is no whole disk",
                       name);
      return NULL;
    }
  g_ptr_array_add (names, (gpointer)name);
  disks = read_disks (probe, names, purpose, error);
  return disks != NULL ? g_ptr_array_steal_index (disks, 0) : NULL;
}

void
lodge_disk_free (LodgeDisk *disk)
{
  if (disk == NULL)
    return;
  g_free (disk->name);
  g_free (disk->device);
  g_free (disk->model);
  g_free (disk->serial);
  g_free (disk->wwn);
  g_free (disk->path);
  g_strfreev (disk->paths);
  g_free (disk->transport);
  g_clear_pointer (&disk->signatures, g_ptr_array_unref);
  g_strfreev (disk->partitions);
  g_strfreev (disk->holders);
  g_strfreev (disk->saved_guests);
  g_free (disk->unusable);
  g_free (disk);
}
