/* Wiping signatures.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/disk-wipe.h"
#include "common/error.h"
#include "common/blkid-open.h"
#include "firstboot/block-stack.h"
#include "common/block-tree.h"
#include "firstboot/partition-table.h"
#include "firstboot/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* One pass over all that libblkid knows; WIPED receives how many signatures were there. */
static gboolean
wipe_pass (int fd, guint64 offset, guint64 size, guint sector_size, gboolean partitions,
           guint *wiped, GError **error)
{
  g_autoptr (LodgeBlkidProbe) probe
      = lodge_blkid_open (fd, offset, size, sector_size, partitions, error);
  int result;

  *wiped = 0;
  if (probe == NULL)
    return FALSE;
  errno = 0;
  while ((result = blkid_do_probe (probe)) == 0)
    {
      const char *type = NULL;

      if (blkid_probe_lookup_value (probe, "TYPE", &type, NULL) != 0)
        blkid_probe_lookup_value (probe, "PTTYPE", &type, NULL);
      /* Goes back by one prober, so that the signature's other copies are found next. */
      if (blkid_do_wipe (probe, 0) != 0)
        return lodge_error_set_errno (error, errno != 0 ? errno : EIO,
                                      N_ ("wipe the signature \"%s\""), type != NULL ? type : "?");
      (*wiped)++;
    }
  if (result < 0)
    return lodge_error_set_errno (error, errno != 0 ? errno : EIO, N_ ("look for signatures"));
  return TRUE;
}

/* A second description of the open file FD, for its own account of write errors: libblkid fsyncs
 * what it wiped, ignores the result, and the error would never be reported to FD again. */
static int
open_watch (int fd)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);

  return open (path, O_RDONLY | O_CLOEXEC);
}

static gboolean
wipe_all (int fd, int watch, guint64 offset, guint64 size, guint sector_size, gboolean partitions,
          GError **error)
{
  enum
  {
    PASSES = 64, /* a signature may uncover another; one that cannot be wiped must not hang us */
  };

  for (int pass = 0; pass < PASSES; pass++)
    {
      guint wiped;

      if (!wipe_pass (fd, offset, size, sector_size, partitions, &wiped, error))
        return FALSE;
      if (wiped == 0)
        return TRUE;
      if (fsync (watch) != 0)
        return lodge_error_set_errno (error, errno, N_ ("signatures cannot be wiped"));
    }
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          N_ ("signatures come back after they were wiped"));
}

gboolean
lodge_wipe_signatures (int fd, guint64 offset, guint64 size, guint sector_size, gboolean partitions,
                       GError **error)
{
  int watch = open_watch (fd);
  gboolean wiped;

  if (watch < 0)
    return lodge_error_set_errno (error, errno, N_ ("open the disk"));
  wiped = wipe_all (fd, watch, offset, size, sector_size, partitions, error);
  close (watch);
  return wiped;
}

gboolean
lodge_wipe_ends (int fd, guint64 size, GError **error)
{
  g_autoptr (GBytes) zeros
      = g_bytes_new_take (g_malloc0 (LODGE_PARTITION_ALIGNMENT), LODGE_PARTITION_ALIGNMENT);
  g_autoptr (GPtrArray) writes = lodge_sector_writes_new ();

  lodge_sector_writes_add (writes, 0, zeros, "the first MiB");
  lodge_sector_writes_add (writes, size - LODGE_PARTITION_ALIGNMENT, zeros, "the last MiB");
  return lodge_sector_writes_apply (writes, fd, error);
}

gboolean
lodge_wipe_disk (const char *name, int fd, guint64 size, guint sector_size, GError **error)
{
  g_auto (GStrv) partitions = lodge_block_partitions (&lodge_running_machine, name);
  g_auto (GStrv) left = NULL;

  for (gsize i = 0; partitions[i] != NULL; i++)
    {
      const char *partition = partitions[i];
      guint64 start, length; /* sysfs: sectors of 512 bytes, whatever the device's are */

      if (!lodge_block_attribute_number (partition, "start", &start)
          || !lodge_block_attribute_number (partition, "size", &length))
        return lodge_error_set (error, LODGE_ERROR_FAILED, "%s went away", partition);
      if (!lodge_wipe_signatures (fd, start * 512, length * 512, sector_size, TRUE, error))
        {
          g_prefix_error (error, "%s: ", partition);
          return FALSE;
        }
    }
  if (!lodge_wipe_signatures (fd, LODGE_PARTITION_ALIGNMENT, size - LODGE_PARTITION_ALIGNMENT,
                              sector_size, FALSE, error)
      || !lodge_wipe_signatures (fd, 0, size, sector_size, TRUE, error)
      || !lodge_wipe_ends (fd, size, error))
    return FALSE;
  if (ioctl (fd, BLKRRPART) != 0)
    return lodge_error_set_errno (error, errno, N_ ("have the kernel forget the partitions of %s"),
                                  name);
  left = lodge_block_partitions (&lodge_running_machine, name);
  if (left[0] != NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, N_ ("the kernel still has the partition %s"),
                            left[0]);
  return TRUE;
}
