/* One disk that is written to.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "builder/flash-target.h"
#include "builder/flash-users.h"
#include "common/disk-identity.h"
#include "common/disk-lock.h"
#include "common/claim.h"
#include "common/error.h"
#include "common/probe-files.h"

enum
{
  ALIGNMENT = 4096, /* bytes; more than any disk asks for */
};

guint8 *
lodge_flash_buffer_new (gsize length)
{
  void *memory = NULL;

  if (posix_memalign (&memory, ALIGNMENT, length) != 0)
    g_error ("no memory for %" G_GSIZE_FORMAT " bytes", length);
  memset (memory, 0, length);
  return memory;
}

/* The kernel takes a disk that was pulled out for one without a single sector: writing fails with
 * ENOSPC then, and what was under way with EIO. */
static gboolean
is_gone (const LodgeFlashDevice *device, int number)
{
  guint64 size;

  if (number == ENODEV || number == ENXIO || number == ENOMEDIUM)
    return TRUE;
  return ioctl (device->fd, BLKGETSIZE64, &size) == 0 && size == 0;
}

static gboolean
set_gone (const LodgeFlashDevice *device, GError **error)
{
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "%s is gone: it was pulled out, or lost its connection; plug it in again "
                          "and repeat",
                          device->path);
}

static gboolean
set_error (const LodgeFlashDevice *device, const char *action, guint64 offset, GError **error)
{
  int number = errno;

  if (is_gone (device, number))
    return set_gone (device, error);
  return lodge_error_set_errno (error, number, "%s %s at byte %" G_GUINT64_FORMAT, action,
                                device->path, offset);
}

/* What was true when the user was asked is so still. */
static gboolean
check_again (const LodgeFlashDevice *device, const LodgeDisk *wanted, const GPtrArray *all,
             const LodgeDiskPurpose *purpose, GError **error)
{
  const LodgeProbe probe = { .sysroot = "" };
  g_autoptr (LodgeDisk) now = lodge_probe_disk (&probe, wanted->name, purpose, error);
  g_autofree char *refusal = NULL;

  if (now == NULL)
    return FALSE;
  refusal = lodge_flash_refusal (&probe, now);
  if (refusal == NULL)
    refusal = lodge_flash_second_path (&probe, all, now);
  if (refusal == NULL)
    refusal = lodge_flash_change (wanted, now);
  if (refusal != NULL)
    return lodge_error_set (error, LODGE_ERROR_REFUSED, "%s: %s", device->path, refusal);
  return TRUE;
}

/* The disk that we have open, and that nobody else can take any more, is the one that the user
 * named: its name in sysfs may have come to another disk meanwhile. */
static gboolean
check_same (const LodgeFlashDevice *device, const LodgeDisk *wanted, GError **error)
{
  const LodgeProbe probe = { .sysroot = "" };
  g_autoptr (LodgeDisk) now = g_new0 (LodgeDisk, 1);
  g_autofree char *number = lodge_probe_read (&probe, "/sys/block/%s/dev", wanted->name);
  g_autofree char *opened = NULL;
  struct stat status;
  guint64 size = 0;
  guint64 generation = 0;

  if (fstat (device->fd, &status) != 0 || !S_ISBLK (status.st_mode))
    return lodge_error_set (error, LODGE_ERROR_REFUSED, "%s is not a block device", device->path);
  opened = g_strdup_printf ("%u:%u", major (status.st_rdev), minor (status.st_rdev));
  now->name = g_strdup (wanted->name);
  lodge_disk_identify (&probe, now);
  if (g_strcmp0 (number, opened) == 0 && ioctl (device->fd, BLKGETSIZE64, &size) == 0
      && size == wanted->size
      && (wanted->generation == 0 || ioctl (device->fd, BLKGETDISKSEQ, &generation) != 0
          || generation == wanted->generation)
      && g_strcmp0 (now->serial, wanted->serial) == 0 && g_strcmp0 (now->model, wanted->model) == 0
      && lodge_disk_serial_agrees (&probe, now))
    return TRUE;
  return lodge_error_set (
      error, LODGE_ERROR_REFUSED,
      "%s is another disk than a moment ago; look again with lodge flash --list", device->path);
}

static gboolean
open_device (LodgeFlashDevice *device, GError **error)
{
  gint64 deadline = lodge_claim_deadline ();

  /* O_EXCL without O_CREAT: refused while it is mounted, or otherwise the kernel's; open(2). */
  do
    device->fd = open (device->path, O_RDWR | O_EXCL | O_DIRECT | O_CLOEXEC | O_NOFOLLOW);
  while (device->fd < 0 && errno == EBUSY && lodge_claim_wait (deadline));
  if (device->fd >= 0)
    return TRUE;
  if (errno == EBUSY)
    return lodge_error_set (
        error, LODGE_ERROR_REFUSED,
        "%s is in use: it is mounted, or another program has it for itself alone", device->path);
  if (errno == EROFS)
    return lodge_error_set (error, LODGE_ERROR_REFUSED,
                            "%s is read-only: look for a write-protect switch", device->path);
  return lodge_error_set_errno (error, errno, "open %s for writing", device->path);
}

static gboolean
check_users (const LodgeFlashDevice *device, const LodgeDisk *disk, GError **error)
{
  gint64 deadline = lodge_claim_deadline ();
  g_autofree char *user = NULL;

  /* Programs that look what a disk is open it for a moment as if to write. */
  do
    {
      g_free (user);
      user = lodge_flash_find_user (disk);
    }
  while (user != NULL && lodge_claim_wait (deadline));
  return user == NULL
         || lodge_error_set (
             error, LODGE_ERROR_REFUSED,
             "%s is written to by %s, as the disk of a virtual machine perhaps; end "
             "that first",
             device->path, user);
}

LodgeFlashDevice *
lodge_flash_device_open (const LodgeDisk *disk, const GPtrArray *all,
                         const LodgeDiskPurpose *purpose, GCancellable *cancellable, GError **error)
{
  LodgeFlashDevice *device = g_new0 (LodgeFlashDevice, 1);

  device->path = g_strdup (disk->device);
  device->fd = -1;
  device->buffer = lodge_flash_buffer_new (LODGE_FLASH_CHUNK);
  device->size = disk->size;
  if (check_again (device, disk, all, purpose, error) && open_device (device, error)
      && lodge_disk_lock (device->fd, device->path, cancellable, error)
      && check_same (device, disk, error) && check_users (device, disk, error))
    return device;
  lodge_flash_device_free (device);
  return NULL;
}

gboolean
lodge_flash_device_write (LodgeFlashDevice *device, const guint8 *bytes, gsize length,
                          guint64 offset, GError **error)
{
  while (length > 0)
    {
      ssize_t put = TEMP_FAILURE_RETRY (pwrite (device->fd, bytes, length, (off_t)offset));

      /* A disk that takes nothing and says nothing would keep us here for ever; one that takes less
       * than a sector cannot be continued. */
      if (put == 0 || (put > 0 && put % 512 != 0))
        errno = EIO;
      if (put <= 0 || put % 512 != 0)
        return set_error (device, "write", offset, error);
      bytes += put;
      offset += (guint64)put;
      length -= (gsize)put;
    }
  return TRUE;
}

gboolean
lodge_flash_device_zero (LodgeFlashDevice *device, guint64 offset, guint64 length, GError **error)
{
  guint64 range[2] = { offset, length };

  if (ioctl (device->fd, BLKZEROOUT, range) == 0)
    return TRUE;
  /* A kernel or driver without it. */
  memset (device->buffer, 0, LODGE_FLASH_CHUNK);
  while (length > 0)
    {
      gsize part = (gsize)MIN (length, LODGE_FLASH_CHUNK);

      if (!lodge_flash_device_write (device, device->buffer, part, offset, error))
        return FALSE;
      offset += part;
      length -= part;
    }
  return TRUE;
}

gboolean
lodge_flash_device_read (LodgeFlashDevice *device, gsize length, guint64 offset, GError **error)
{
  for (gsize done = 0; done < length;)
    {
      ssize_t got = TEMP_FAILURE_RETRY (
          pread (device->fd, device->buffer + done, length - done, (off_t)(offset + done)));

      if (got == 0 || (got > 0 && got % 512 != 0))
        errno = EIO;
      if (got <= 0 || got % 512 != 0)
        return set_error (device, "read back", offset + done, error);
      done += (gsize)got;
    }
  return TRUE;
}

gboolean
lodge_flash_device_sync (LodgeFlashDevice *device, GError **error)
{
  int number;

  if (fsync (device->fd) == 0)
    return TRUE;
  number = errno;
  return is_gone (device, number)
             ? set_gone (device, error)
             : lodge_error_set_errno (error, number, "empty the write cache of %s", device->path);
}

void
lodge_flash_device_forget (LodgeFlashDevice *device)
{
  /* For root only; direct input goes past the cache in any case. */
  if (ioctl (device->fd, BLKFLSBUF, 0) != 0)
    posix_fadvise (device->fd, 0, 0, POSIX_FADV_DONTNEED);
}

void
lodge_flash_device_reread (LodgeFlashDevice *device)
{
  /* For root only; for others udev does it when we close the disk. */
  if (ioctl (device->fd, BLKRRPART, 0) != 0)
    errno = 0;
}

void
lodge_flash_device_free (LodgeFlashDevice *device)
{
  if (device == NULL)
    return;
  if (device->fd >= 0)
    close (device->fd);
  free (device->buffer);
  g_free (device->path);
  g_free (device);
}
