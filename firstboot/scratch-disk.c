/* A disk in memory for libparted.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/scratch-disk.h"
#include "common/error.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

LodgeScratchDisk *
lodge_scratch_disk_new (guint64 size, guint sector_size, GError **error)
{
  g_autoptr (LodgeScratchDisk) scratch = g_new0 (LodgeScratchDisk, 1);
  g_autofree char *path = NULL;

  scratch->sector_size = sector_size;
  scratch->size = size / sector_size * sector_size;
  scratch->fd = memfd_create ("lodge-scratch-disk", MFD_CLOEXEC);
  if (scratch->fd < 0 || ftruncate (scratch->fd, (off_t)scratch->size) != 0)
    {
      lodge_error_set_errno (error, errno, "make room to compute a partition table");
      return NULL;
    }
  path = g_strdup_printf ("/proc/self/fd/%d", scratch->fd);
  scratch->device = ped_device_get (path);
  if (scratch->device == NULL)
    {
      lodge_parted_error (error, "compute a partition table");
      return NULL;
    }
  /* libparted takes 512 bytes for granted on anything that is not a block device. */
  scratch->device->sector_size = sector_size;
  scratch->device->phys_sector_size = sector_size;
  scratch->device->length = (PedSector)(scratch->size / sector_size);
  return g_steal_pointer (&scratch);
}

void
lodge_scratch_disk_free (LodgeScratchDisk *scratch)
{
  if (scratch == NULL)
    return;
  if (scratch->device != NULL)
    ped_device_destroy (scratch->device);
  if (scratch->fd >= 0)
    close (scratch->fd);
  g_free (scratch);
}
