/* The root file system follows the device.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/grow-root.h"
#include "common/error.h"
#include "common/run.h"
#include "common/size.h"
#include "firstboot/block-stack.h"
#include "common/block-tree.h"
#include "common/disk-lock.h"
#include "firstboot/kernel-partition.h"
#include "firstboot/mounts.h"
#include "firstboot/partition-table.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

typedef struct
{
  char *partition;   /* kernel name, "sda4" */
  guint number;      /* 4 */
  char *disk;        /* "sda" */
  char *mount_point; /* of the partition */
} Subject;

static void
subject_clear (Subject *subject)
{
  g_free (subject->partition);
  g_free (subject->disk);
  g_free (subject->mount_point);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Subject, subject_clear)

/* Where the device is mounted, the file system's root and not a directory of it; or NULL. */
static char *
find_mount_point (dev_t devno, GError **error)
{
  g_autoptr (LodgeMountTable) mounts = lodge_mounts_read (error);
  struct libmnt_fs *line;

  if (mounts == NULL)
    return NULL;
  line = mnt_table_find_devno (mounts, devno, MNT_ITER_BACKWARD);
  if (line != NULL && g_strcmp0 (mnt_fs_get_root (line), "/") == 0)
    return g_strdup (mnt_fs_get_target (line));
  lodge_error_set (error, LODGE_ERROR_FAILED, "it is not mounted");
  return NULL;
}

static gboolean
find_subject (const char *device, Subject *subject, GError **error)
{
  const char *path = device != NULL ? device : "/";
  struct stat status;
  guint64 number;
  dev_t devno;

  if (stat (path, &status) != 0)
    {
      lodge_error_set_errno (error, errno, "look at %s", path);
      return FALSE;
    }
  devno = device != NULL ? status.st_rdev : status.st_dev;
  subject->partition = lodge_block_name (&lodge_running_machine, devno);
  if (subject->partition == NULL
      || !lodge_block_attribute_number (subject->partition, "partition", &number))
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "%s is not on a plain partition (but on %s), so it is not grown", path,
                       subject->partition != NULL ? subject->partition : "no block device");
      return FALSE;
    }
  subject->number = (guint)number;
  subject->disk = lodge_block_whole (&lodge_running_machine, subject->partition);
  subject->mount_point = device != NULL ? find_mount_point (devno, error) : g_strdup ("/");
  if (subject->mount_point == NULL)
    g_prefix_error (error, "%s: ", path);
  return subject->mount_point != NULL;
}

/* That the kernel and the partition table are of one mind before anything is changed. */
static gboolean
check_kernel_agrees (const Subject *subject, const LodgeExtent *extent, GError **error)
{
  guint64 start;

  if (lodge_block_attribute_number (subject->partition, "start", &start)
      && start * 512 == extent->start)
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "the kernel has %s at another place than the partition table",
                          subject->partition);
}

/* Grows the partition on the disk FD and in the kernel. */
static gboolean
grow_partition (const Subject *subject, int fd, GError **error)
{
  g_autoptr (GPtrArray) writes = NULL;
  LodgeExtent before, after;
  guint64 size;
  int sector_size;

  if (ioctl (fd, BLKGETSIZE64, &size) != 0 || ioctl (fd, BLKSSZGET, &sector_size) != 0)
    return lodge_error_set_errno (error, errno, "ask for its size");
  writes = lodge_partition_table_grow (fd, size, (guint)sector_size, subject->number, &before,
                                       &after, error);
  if (writes == NULL || !check_kernel_agrees (subject, &before, error))
    return FALSE;
  if (!lodge_sector_writes_apply (writes, fd, error))
    return FALSE;
  /* Also when nothing was written: a run before this one may have been cut off right here. */
  if (!lodge_block_attribute_number (subject->partition, "size", &size))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s went away", subject->partition);
  if (size * 512 != after.size
      && !lodge_kernel_partition_resize (fd, subject->number, &after, error))
    return FALSE;
  if (!lodge_block_attribute_number (subject->partition, "size", &size) || size * 512 != after.size)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the kernel did not take the new size of %s; it will at the next boot",
                            subject->partition);
  return TRUE;
}

static gboolean
measure (const Subject *subject, guint64 *bytes, GError **error)
{
  struct statvfs status;

  if (statvfs (subject->mount_point, &status) != 0)
    return lodge_error_set_errno (error, errno, "measure %s", subject->mount_point);
  *bytes = (guint64)status.f_blocks * status.f_frsize;
  return TRUE;
}

/* resize2fs asks the kernel to do it: each step is a transaction of the file system's journal. */
static gboolean
grow_file_system (const Subject *subject, GError **error)
{
  g_autofree char *node = lodge_block_node (subject->partition);
  g_autofree char *output = NULL;
  struct statfs status;

  if (statfs (subject->mount_point, &status) != 0)
    return lodge_error_set_errno (error, errno, "look at %s", subject->mount_point);
  if (status.f_type != EXT4_SUPER_MAGIC)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the file system on %s is not ext4, so it is not grown",
                            subject->partition);
  output = lodge_run_list (error, "resize2fs", node, NULL);
  return output != NULL;
}

static char *
compose_report (const Subject *subject, guint64 before, guint64 after)
{
  g_autofree char *old_size = lodge_size_format (before);
  g_autofree char *new_size = lodge_size_format (after);

  if (before == after)
    return g_strdup_printf ("the root file system on %s fills its disk already (%s)",
                            subject->partition, new_size);
  return g_strdup_printf ("the root file system on %s grew from %s to %s", subject->partition,
                          old_size, new_size);
}

gboolean
lodge_grow_root (const char *device, char **report, GError **error)
{
  g_auto (Subject) subject = { NULL };
  g_autofree char *node = NULL;
  guint64 before = 0, after = 0;
  gboolean grown;
  int fd;

  if (!find_subject (device, &subject, error) || !measure (&subject, &before, error))
    return FALSE;
  node = lodge_block_node (subject.disk);
  fd = open (node, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return lodge_error_set_errno (error, errno, "open %s", node);
  grown = lodge_disk_lock (fd, node, NULL, error) && grow_partition (&subject, fd, error);
  if (!grown)
    g_prefix_error (error, "grow %s on %s: ", subject.partition, subject.disk);
  close (fd);
  if (!grown || !grow_file_system (&subject, error) || !measure (&subject, &after, error))
    return FALSE;
  *report = compose_report (&subject, before, after);
  return TRUE;
}
