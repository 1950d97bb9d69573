/* The guard of a disk that is about to be written.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/disk-guard.h"
#include "common/claim.h"
#include "common/error.h"
#include "common/run.h"
#include "firstboot/block-stack.h"
#include "common/disk-identity.h"
#include "firstboot/planned-disk.h"
#include "common/disk-lock.h"
#include "firstboot/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Probes, and finds the planned disk. */
static gboolean
probe (LodgeDiskGuard *guard, GError **error)
{
  g_autoptr (GPtrArray) disks = lodge_probe_disks (&lodge_running_machine, error);
  const LodgeDisk *disk;

  if (disks == NULL)
    return FALSE;
  disk = lodge_planned_disk_find (disks, guard->planned, error);
  if (disk == NULL)
    return FALSE;
  g_clear_pointer (&guard->disks, g_ptr_array_unref);
  guard->disks = g_steal_pointer (&disks);
  guard->disk = disk;
  g_free (guard->description);
  guard->description = lodge_disk_describe (disk);
  return TRUE;
}

/* That the open device is the one that the probe found under this name: same number, same
 * generation (diskseq, Linux 5.15 and later), same size. */
static gboolean
check_device (const LodgeDiskGuard *guard, GError **error)
{
  struct stat status;
  guint64 size, generation, expected;

  if (fstat (guard->fd, &status) != 0 || ioctl (guard->fd, BLKGETSIZE64, &size) != 0)
    return lodge_error_set_errno (error, errno, N_ ("ask %s for its size"), guard->description);
  if (!S_ISBLK (status.st_mode) || status.st_rdev != lodge_block_devno (guard->disk->name)
      || (ioctl (guard->fd, BLKGETDISKSEQ, &generation) == 0
          && lodge_block_attribute_number (guard->disk->name, "diskseq", &expected)
          && generation != expected))
    return lodge_error_set (error, LODGE_ERROR_REFUSED,
                            N_ ("%s was exchanged for another disk meanwhile; try again"),
                            guard->description);
  if (size != guard->planned->size)
    return lodge_error_set (error, LODGE_ERROR_REFUSED,
                            "%s says it has %" G_GUINT64_FORMAT " bytes and had %" G_GUINT64_FORMAT
                            " when setup was planned; plan again",
                            guard->description, size, guard->planned->size);
  return TRUE;
}

gboolean
lodge_disk_guard_verify (LodgeDiskGuard *guard, GError **error)
{
  if (!probe (guard, error) || !check_device (guard, error))
    return FALSE;
  return lodge_disk_serial_agrees (&lodge_running_machine, guard->disk)
         || lodge_error_set (
             error, LODGE_ERROR_REFUSED,
             N_ ("%s tells the kernel another serial number than udev has of it, so it "
                 "may have been exchanged; restart the machine and try again"),
             guard->description);
}

/* The identity comes from udev's database, which is behind while udev has not seen all events; and
 * once the disk is locked udev does not look at it. */
static gboolean
settle (GCancellable *cancellable, GError **error)
{
  static const char *const argv[] = { "udevadm", "settle", "--timeout=60", NULL };
  g_autofree char *output = lodge_run (argv, NULL, cancellable, error);

  if (output == NULL)
    g_prefix_error (error, N_ ("wait until udev knows the disks: "));
  return output != NULL;
}

LodgeDiskGuard *
lodge_disk_guard_open (const LodgePlanDisk *planned, GCancellable *cancellable, GError **error)
{
  g_autoptr (LodgeDiskGuard) guard = g_new0 (LodgeDiskGuard, 1);
  int sector_size;

  guard->planned = planned;
  guard->fd = -1;
  guard->claim = -1;
  if (!settle (cancellable, error) || !probe (guard, error))
    return NULL;
  guard->fd = open (guard->disk->device, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (guard->fd < 0)
    {
      lodge_error_set_errno (error, errno, "open %s", guard->description);
      return NULL;
    }
  if (!lodge_disk_lock (guard->fd, guard->description, cancellable, error)
      || !lodge_disk_guard_verify (guard, error))
    return NULL;
  if (ioctl (guard->fd, BLKSSZGET, &sector_size) != 0)
    {
      lodge_error_set_errno (error, errno, N_ ("ask %s for its sector size"), guard->description);
      return NULL;
    }
  guard->sector_size = (guint)sector_size;
  return g_steal_pointer (&guard);
}

void
lodge_disk_guard_free (LodgeDiskGuard *guard)
{
  if (guard == NULL)
    return;
  lodge_disk_guard_unclaim (guard);
  if (guard->fd >= 0)
    close (guard->fd);
  g_clear_pointer (&guard->disks, g_ptr_array_unref);
  g_free (guard->description);
  g_free (guard);
}

LodgeDiskState *
lodge_disk_guard_read_state (LodgeDiskGuard *guard, GError **error)
{
  LodgeDiskState *state;

  /* The disk's cache does not see what was written through its partitions' nodes. */
  if (ioctl (guard->fd, BLKFLSBUF) != 0)
    {
      lodge_error_set_errno (error, errno, "read %s", guard->description);
      return NULL;
    }
  state = lodge_disk_state_read (guard->fd, guard->planned->size, guard->sector_size, error);
  if (state == NULL)
    g_prefix_error (error, "%s: ", guard->description);
  return state;
}

gboolean
lodge_disk_guard_claim (LodgeDiskGuard *guard, GError **error)
{
  gint64 deadline = lodge_claim_deadline ();

  do
    guard->claim = open (guard->disk->device, O_RDWR | O_EXCL | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  while (guard->claim < 0 && errno == EBUSY && lodge_claim_wait (deadline));
  if (guard->claim >= 0)
    return check_device (guard, error);
  if (errno == EBUSY)
    return lodge_error_set (
        error, LODGE_ERROR_REFUSED,
        N_ ("%s is in use by another program or by the kernel, so it is left as it "
            "is"),
        guard->description);
  return lodge_error_set_errno (error, errno, "claim %s", guard->description);
}

/* Waits (bounded) for the kernel to let the disk go: its first errors come before. */
static gboolean
is_gone (const LodgeDiskGuard *guard)
{
  enum
  {
    BOUND = 3,   /* seconds */
    PERIOD = 50, /* milliseconds: sysfs tells of nothing by itself */
  };
  gint64 end = g_get_monotonic_time () + BOUND * G_TIME_SPAN_SECOND;

  while (lodge_block_devno (guard->disk->name) != 0)
    {
      if (g_get_monotonic_time () > end)
        return FALSE;
      g_usleep (PERIOD * 1000);
    }
  return TRUE;
}

gboolean
lodge_disk_guard_explain (const LodgeDiskGuard *guard, GError **error)
{
  if (!is_gone (guard))
    return FALSE;
  g_clear_error (error);
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          N_ ("%s went away while it was prepared; connect it and try again"),
                          guard->description);
}

void
lodge_disk_guard_unclaim (LodgeDiskGuard *guard)
{
  if (guard->claim >= 0)
    close (guard->claim);
  guard->claim = -1;
}
