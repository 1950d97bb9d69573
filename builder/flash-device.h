/* One disk that is written to: opened for us alone, past the kernel's cache.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Errors name the disk, and the place where it matters.
 */
#pragma once

#include <gio/gio.h>
#include "common/disks.h"

typedef struct
{
  char *path; /* "/dev/sdb", as the kernel has it */
  int fd;
  guint64 size;   /* bytes */
  guint8 *buffer; /* LODGE_FLASH_CHUNK bytes, aligned for direct input and output */
} LodgeFlashDevice;

enum
{
  LODGE_FLASH_CHUNK = 1024 * 1024, /* bytes written or read at once */
};

/* Memory of LENGTH bytes that direct input and output accepts; free with free(3). */
guint8 *lodge_flash_buffer_new (gsize length);

/* Probes DISK again, opens it for us alone and locks it, so that udev and others keep off until it
 * is closed.  ALL (of LodgeDisk) are the disks that there are now.  LODGE_ERROR_REFUSED when it is
 * another disk by now, holds something else than when it was confirmed, or may not be written to
 * any more (flash-target.h), or somebody uses it. */
LodgeFlashDevice *lodge_flash_device_open (const LodgeDisk *disk, const GPtrArray *all,
                                           const LodgeDiskPurpose *purpose,
                                           GCancellable *cancellable, GError **error);

/* Places and lengths are multiples of 512, BYTES comes from lodge_flash_buffer_new() at an offset
 * that is a multiple of 512. */
gboolean lodge_flash_device_write (LodgeFlashDevice *device, const guint8 *bytes, gsize length,
                                   guint64 offset, GError **error);
/* Zeros, by the disk itself where it can. */
gboolean lodge_flash_device_zero (LodgeFlashDevice *device, guint64 offset, guint64 length,
                                  GError **error);
/* Reads into device->buffer, at most LODGE_FLASH_CHUNK bytes. */
gboolean lodge_flash_device_read (LodgeFlashDevice *device, gsize length, guint64 offset,
                                  GError **error);
/* What was written is on the disk, its own cache emptied. */
gboolean lodge_flash_device_sync (LodgeFlashDevice *device, GError **error);

/* Nothing that is read from now on comes from a cache of this machine. */
void lodge_flash_device_forget (LodgeFlashDevice *device);
/* Lets the kernel read the partition table, as far as it lets us. */
void lodge_flash_device_reread (LodgeFlashDevice *device);

void lodge_flash_device_free (LodgeFlashDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeFlashDevice, lodge_flash_device_free)
