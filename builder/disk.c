/* Writes the disk image: the order of things, and their time.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/disk.h"
#include "builder/appliance.h"
#include "builder/disk-journal.h"
#include "builder/disk-private.h"
#include "builder/disk-times.h"
#include "builder/selinux-label.h"
#include "common/error.h"

#include <string.h>

struct _LodgeDiskWriter
{
  char *image;
  char *work;
  LodgeProgress *progress;
  GCancellable *cancellable;
  LodgeAppliance *appliance; /* NULL before it is launched */
  LodgeSelinuxAhead *labels; /* or NULL */
};

LodgeDiskWriter *
lodge_disk_writer_new (const char *image, const char *work, LodgeProgress *progress,
                       GCancellable *cancellable)
{
  LodgeDiskWriter *writer = g_new0 (LodgeDiskWriter, 1);

  writer->image = g_strdup (image);
  writer->work = g_strdup (work);
  writer->progress = progress;
  writer->cancellable = cancellable;
  return writer;
}

void
lodge_disk_writer_launch (LodgeDiskWriter *writer)
{
  if (writer != NULL && writer->appliance == NULL)
    writer->appliance = lodge_appliance_start (writer->image, "raw", LODGE_APPLIANCE_READ_WRITE,
                                               writer->work, writer->progress, writer->cancellable);
}

void
lodge_disk_writer_free (LodgeDiskWriter *writer)
{
  if (writer == NULL)
    return;
  lodge_appliance_free (writer->appliance);
  lodge_selinux_ahead_free (writer->labels);
  g_free (writer->image);
  g_free (writer->work);
  g_free (writer);
}

/* FAT's serial number for the file system ROLE of the build: the first 32 bits of its UUID. */
static guint32
volume_id (const char *build_hash, const char *role)
{
  g_autofree char *uuid = lodge_build_uuid (build_hash, role);

  return (guint32)g_ascii_strtoull (uuid, NULL, 16); /* ends at the first '-' */
}

static char *
partition_device (LodgePartitionRole role)
{
  return g_strdup_printf ("/dev/sda%d", (int)role + 1);
}

/* Mounts the partition ROLE on DIRECTORY, made when missing. */
static gboolean
mount (guestfs_h *g, LodgePartitionRole role, const char *directory, const char *options,
       GError **error)
{
  g_autofree char *device = partition_device (role);

  if ((role != LODGE_PARTITION_ROOT && guestfs_mkdir_p (g, directory) != 0)
      || guestfs_mount_options (g, options, device, directory) != 0)
    return lodge_guestfs_error (g, error, "mount partition %d of the image", (int)role + 1);
  return TRUE;
}

/* With the journal, though a build that is cut short throws the image away: without one, an inode
 * that was freed is given out again within the same second and not in the next five minutes
 * (recently_deleted() in fs/ext4/ialloc.c), and tar_in and grub-install both remove files.  What is
 * in the journal depends on time too: see builder/disk-journal.h.  commit=300: the kernel's own
 * commits come after all this.  noinit_itable: the kernel would write zeros over inode tables that
 * are holes in the file, so that it grows by tens of MiB. */
#define ROOT_OPTIONS "noatime,noinit_itable,commit=300"

/* Where a block goes must not depend on time.  The kernel prefers block groups whose bitmap it has
 * read (ext4_mb_good_group_nolock() in fs/ext4/mballoc.c), and a thread of its own reads them some
 * random seconds after the mount: not with no_prefetch_block_bitmaps.  mb_optimize_scan=0: the
 * next free block from a goal on, not one in a group that happens to be in a list.  Both since
 * Linux 5.13.  Not nodelalloc: the goal of a block that write(2) allocates depends on the writer's
 * process id (ext4_inode_to_goal_block() in fs/ext4/balloc.c); the appliance sees to it that the
 * kernel writes, and so allocates, only when it is asked to. */
#define ROOT_ALLOCATION ",no_prefetch_block_bitmaps,mb_optimize_scan=0"

static gboolean
mount_root (guestfs_h *g, GError **error)
{
  return mount (g, LODGE_PARTITION_ROOT, "/", ROOT_OPTIONS ROOT_ALLOCATION, NULL)
         || mount (g, LODGE_PARTITION_ROOT, "/", ROOT_OPTIONS, error);
}

static gboolean
mount_all (guestfs_h *g, GError **error)
{
  return mount_root (g, error) && mount (g, LODGE_PARTITION_ESP, LODGE_DISK_ESP_MOUNT, "", error)
         && mount (g, LODGE_PARTITION_LODGE, LODGE_DISK_LODGE_MOUNT, "", error);
}

static gboolean
unpack_overlay (guestfs_h *g, const char *overlay, GError **error)
{
  if (overlay != NULL && guestfs_tar_in (g, overlay, "/") != 0)
    return lodge_guestfs_error (g, error, "unpack Lodge's own files into the image");
  return TRUE;
}

static gboolean
unmount_all (guestfs_h *g, GError **error)
{
  if (guestfs_umount_all (g) != 0)
    return lodge_guestfs_error (g, error, "unmount the file systems of the image");
  return TRUE;
}

static gboolean
drop_caches (guestfs_h *g, GError **error)
{
  /* 3: pages, directory entries and inodes; see proc_sys_vm(5). */
  if (guestfs_drop_caches (g, 3) != 0)
    return lodge_guestfs_error (g, error, "make the appliance read the image anew");
  return TRUE;
}

/* All that is done with the appliance up.  What is checked is read from the disk anew: what the
 * kernel still holds would pass though it was never written. */
static gboolean
write_image (const LodgeDisk *disk, const char *overlay, const char *answers, GError **error)
{
  return lodge_disk_reread (disk->g, error) && mount_all (disk->g, error)
         && unpack_overlay (disk->g, overlay, error)
         && lodge_disk_write_content (disk, answers, error)
         && lodge_disk_install_bootloader (disk, error) && unmount_all (disk->g, error)
         && drop_caches (disk->g, error) && mount_all (disk->g, error)
         && lodge_disk_check (disk, error) && unmount_all (disk->g, error)
         && lodge_disk_check_written (disk, error);
}

/* Whether files are labelled: Debian's policy is no part of its images. */
static gboolean
has_labels (const LodgeDisk *disk)
{
  return disk->plan->template->family == LODGE_FAMILY_EL;
}

/* Before the appliance mounts anything. */
static gboolean
look_labels_up (const LodgeDisk *disk, LodgeDiskWriter *writer, GError **error)
{
  if (!has_labels (disk))
    return TRUE;
  writer->labels = lodge_selinux_ahead_start (writer->image,
                                              disk->plan->partitions[LODGE_PARTITION_ROOT].start,
                                              writer->work, writer->cancellable, error);
  if (writer->labels == NULL)
    g_prefix_error (error, "SELinux: ");
  return writer->labels != NULL;
}

/* When the appliance is down, so that nothing comes after it without a label. */
static gboolean
label_files (const LodgeDisk *disk, LodgeDiskWriter *writer, GCancellable *cancellable,
             GError **error)
{
  return !has_labels (disk)
         || lodge_selinux_label (writer->image, disk->plan->partitions[LODGE_PARTITION_ROOT].start,
                                 writer->work, writer->labels, NULL, cancellable, error);
}

/* As above under watch. */
static gboolean
write_image_watched (LodgeDiskWriter *writer, const LodgeDisk *disk, const char *overlay,
                     const char *answers, GError **error)
{
  LodgeDiskWatch *watch = lodge_disk_watch_start (writer->appliance, writer->image);
  g_autoptr (GError) failure = NULL;
  gboolean written = write_image (disk, overlay, answers, &failure)
                     && lodge_appliance_shutdown (writer->appliance, &failure);

  /* What the watch saw is the cause of what the appliance said. */
  if (!lodge_disk_watch_stop (watch, error))
    return FALSE;
  if (!written)
    g_propagate_error (error, g_steal_pointer (&failure));
  return written;
}

/* The appliance is down. */
static gboolean
settle_times (const LodgeDisk *disk, const char *image, GError **error)
{
  const LodgePartition *partitions = disk->plan->partitions;

  return lodge_disk_times_fat (image, partitions[LODGE_PARTITION_ESP].start, disk->epoch, error)
         && lodge_disk_times_fat (image, partitions[LODGE_PARTITION_LODGE].start, disk->epoch,
                                  error)
         && lodge_disk_journal_renew (image, partitions[LODGE_PARTITION_ROOT].start, error)
         && lodge_disk_times_ext4 (image, partitions[LODGE_PARTITION_ROOT].start, disk->epoch,
                                   error);
}

gboolean
lodge_disk_writer_finish (LodgeDiskWriter *writer, const LodgeBuildPlan *plan,
                          const char *build_hash, gint64 epoch, const char *overlay,
                          const char *answers, GCancellable *cancellable, GError **error)
{
  LodgeDisk disk = { .plan = plan, .build_hash = build_hash, .epoch = epoch };
  g_autofree char *root_uuid = lodge_build_uuid (build_hash, "filesystem-root");
  g_autoptr (GError) failure = NULL;
  gboolean done;

  lodge_disk_writer_launch (writer);
  disk.root_uuid = root_uuid;
  disk.esp_volume_id = volume_id (build_hash, "filesystem-esp");
  disk.lodge_volume_id = volume_id (build_hash, "filesystem-lodge");
  done = lodge_disk_partition (&disk, writer->image, cancellable, &failure)
         && look_labels_up (&disk, writer, &failure)
         && (disk.g = lodge_appliance_wait (writer->appliance, &failure)) != NULL
         && write_image_watched (writer, &disk, overlay, answers, &failure)
         && label_files (&disk, writer, cancellable, &failure)
         && settle_times (&disk, writer->image, &failure)
         && lodge_disk_check_boot_sectors (&disk, writer->image, &failure)
         && lodge_disk_check_filesystem (&disk, writer->image, cancellable, &failure);
  if (done)
    return TRUE;
  /* A killed appliance fails in its own words. */
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
