/* The systemd unit that mounts the VM storage.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/mount-unit.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"
#include "common/blkid-open.h"
#include "firstboot/block-stack.h"
#include "common/block-tree.h"
#include "firstboot/layout.h"
#include "firstboot/mounts.h"
#include "firstboot/processor.h"
#include "firstboot/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A kernel that gives a file system up says it in two or three lines. */
#define REASON_LINES 4

#define UNIT_DIRECTORY "etc/systemd/system"
/* As x-systemd.device-timeout= of fstab(5) does.  An overloaded emulated machine was seen to
 * need more than systemd's 90 seconds.  Log-in does not wait for it, libvirt's daemons do. */
static const char wait_text[]
    = "# Written by lodge-firstboot: how long a missing storage disk is waited for.\n"
      "[Unit]\n"
      "JobRunningTimeoutSec=300s\n";

#define MISSING_UNIT "lodge-storage-missing.service"

char *
lodge_mount_unit_text (const char *uuid)
{
  /* nofail, and Wants= instead of Requires= (by WantedBy=): a host whose storage disk is missing
   * boots all the same, after systemd's wait for devices.  Before=: virtual machines that start
   * with the host, and the pool, find their files. */
  return g_strdup_printf ("# Written by lodge-firstboot: the storage of virtual machines.\n"
                          "[Unit]\n"
                          "Description=Storage of virtual machines\n"
                          "Documentation=man:lodge-firstboot(8)\n"
                          "Before=libvirtd.service virtqemud.service virtstoraged.service\n"
                          "OnFailure=" MISSING_UNIT "\n"
                          "\n"
                          "[Mount]\n"
                          "What=/dev/disk/by-uuid/%s\n"
                          "Where=" LODGE_STORAGE_MOUNT_POINT "\n"
                          "Type=xfs\n"
                          "Options=nofail,noatime,nodev,nosuid\n"
                          "\n"
                          "[Install]\n"
                          "WantedBy=multi-user.target\n",
                          uuid);
}

char *
lodge_mount_missing_unit_text (const char *uuid)
{
  /* It fails on purpose: systemctl --failed lists it as long as the storage is not there. */
  return g_strdup_printf (
      "# Written by lodge-firstboot: says so when the storage of virtual machines is not there.\n"
      "[Unit]\n"
      "Description=Storage of virtual machines is missing\n"
      "Documentation=man:lodge-firstboot(8)\n"
      "\n"
      "[Service]\n"
      "Type=oneshot\n"
      "StandardOutput=journal+console\n"
      "SyslogIdentifier=lodge\n"
      "ExecStart=echo \"lodge: the storage of virtual machines (file system %s) could not be "
      "mounted: connect its disk and run systemctl start " LODGE_MOUNT_UNIT "\"\n"
      "ExecStartPost=false\n",
      uuid);
}

static char *
unit_path (const char *root, const char *unit)
{
  return g_build_filename (*root != '\0' ? root : "/", UNIT_DIRECTORY, unit, NULL);
}

char *
lodge_mount_wait_path (const char *root, const char *uuid)
{
  /* "-" stands for "/" in units' names: systemd.unit(5). */
  g_auto (GStrv) parts = g_strsplit (uuid, "-", -1);
  g_autofree char *escaped = g_strjoinv ("\\x2d", parts);
  g_autofree char *unit = g_strconcat ("dev-disk-by\\x2duuid-", escaped, ".device.d", NULL);

  return g_build_filename (*root != '\0' ? root : "/", UNIT_DIRECTORY, unit, "60-lodge.conf", NULL);
}

gboolean
lodge_mount_unit_write (const char *root, const char *uuid, GError **error)
{
  g_autofree char *missing_path = unit_path (root, MISSING_UNIT);
  g_autofree char *missing_text = lodge_mount_missing_unit_text (uuid);
  g_autofree char *path = unit_path (root, LODGE_MOUNT_UNIT);
  g_autofree char *text = lodge_mount_unit_text (uuid);

  g_autofree char *wait_path = lodge_mount_wait_path (root, uuid);

  return lodge_file_replace (wait_path, wait_text, -1, 0644, error)
         && lodge_file_replace (missing_path, missing_text, -1, 0644, error)
         && lodge_file_replace (path, text, -1, 0644, error);
}

gboolean
lodge_mount_unit_is_for (const char *root, const char *uuid)
{
  g_autofree char *path = unit_path (root, LODGE_MOUNT_UNIT);
  g_autofree char *line = g_strdup_printf ("\nWhat=/dev/disk/by-uuid/%s\n", uuid);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && strstr (text, line) != NULL;
}

/* Whether FD is the root of a file system that is mounted there. */
static gboolean
is_mount_point (int fd)
{
  struct statx status;

  /* When in doubt (before Linux 5.8) it is one: the flag would go to the VM storage itself. */
  return statx (fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, 0, &status) != 0
         || (status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) == 0
         || (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

gboolean
lodge_mount_protect_directory (const char *directory, GError **error)
{
  gboolean good = TRUE;
  int flags = 0;
  int fd;

  if (g_mkdir_with_parents (directory, 0711) != 0)
    return lodge_error_set_errno (error, errno, N_ ("make the directory %s"), directory);
  fd = open (directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return lodge_error_set_errno (error, errno, "open %s", directory);
  if (!is_mount_point (fd))
    good = ioctl (fd, FS_IOC_GETFLAGS, &flags) == 0;
  if (good && !is_mount_point (fd) && (flags & FS_IMMUTABLE_FL) == 0)
    {
      flags |= FS_IMMUTABLE_FL;
      good = ioctl (fd, FS_IOC_SETFLAGS, &flags) == 0;
    }
  /* What a file system says that has no such flag. */
  if (!good && errno != EOPNOTSUPP && errno != ENOTTY && errno != ENOSYS)
    lodge_error_set_errno (error, errno, N_ ("make %s immutable"), directory);
  else
    good = TRUE;
  close (fd);
  return good;
}

char *
lodge_mount_kernel_reason (const GPtrArray *log)
{
  static const char *const good[] = { "Mounting V", "Starting recovery", "Ending ", "Unmounting" };
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();

  for (guint i = 0; i < log->len; i++)
    {
      const char *line = log->pdata[i];
      const char *said = g_str_has_prefix (line, "XFS") ? strstr (line, ": ") : NULL;
      gboolean bad = said != NULL || strstr (line, "I/O error") != NULL;

      for (gsize j = 0; said != NULL && j < G_N_ELEMENTS (good); j++)
        bad = bad && !g_str_has_prefix (said + strlen (": "), good[j]);
      if (bad)
        g_ptr_array_add (lines, (char *)line);
    }
  if (lines->len == 0)
    return NULL;
  if (lines->len > REASON_LINES)
    g_ptr_array_remove_range (lines, 0, lines->len - REASON_LINES);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("; ", (char **)lines->pdata);
}

/* systemctl's last line only says that the job failed. */
static void
add_kernel_reason (int mark, GError **error)
{
  g_autoptr (GPtrArray) log = lodge_kernel_log_since (mark);
  g_autofree char *reason = lodge_mount_kernel_reason (log);
  g_autoptr (GError) problem = NULL;

  if (reason == NULL || error == NULL)
    return;
  problem = g_steal_pointer (error);
  g_set_error (error, problem->domain, problem->code, N_ ("%s; the kernel says: %s"),
               problem->message, reason);
}

gboolean
lodge_mount_unit_start (GCancellable *cancellable, GError **error)
{
  /* Enabling reads all units anew as well, unless told not to: seconds on a slow machine. */
  const char *const commands[][5] = {
    { "systemctl", "--no-reload", "enable", LODGE_MOUNT_UNIT, NULL },
    { "systemctl", "daemon-reload", NULL },
    { "systemctl", "start", LODGE_MOUNT_UNIT, NULL },
  };

  if (!lodge_mount_protect_directory (LODGE_STORAGE_MOUNT_POINT, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      int mark = lodge_kernel_log_mark ();
      g_autofree char *output = lodge_run (commands[i], NULL, cancellable, error);

      if (output != NULL && mark >= 0)
        close (mark);
      if (output == NULL)
        {
          add_kernel_reason (mark, error);
          g_prefix_error (error, N_ ("mount the VM storage at %s: "), LODGE_STORAGE_MOUNT_POINT);
          return FALSE;
        }
    }
  return TRUE;
}

/* The UUID of the file system on the device NAME. */
static char *
read_uuid (const char *name, GError **error)
{
  g_autofree char *node = lodge_block_node (name);
  int fd = open (node, O_RDONLY | O_CLOEXEC);
  g_autoptr (LodgeBlkidProbe) probe = NULL;
  const char *uuid = NULL;
  char *copy = NULL;

  if (fd < 0)
    {
      lodge_error_set_errno (error, errno, "open %s", node);
      return NULL;
    }
  probe = lodge_blkid_open (fd, 0, 0, 512, FALSE, error);
  if (probe != NULL && blkid_do_probe (probe) == 0
      && blkid_probe_lookup_value (probe, "UUID", &uuid, NULL) == 0)
    copy = g_strdup (uuid);
  else if (probe != NULL)
    lodge_error_set (error, LODGE_ERROR_FAILED, N_ ("%s has no file system UUID"), node);
  close (fd);
  return copy;
}

gboolean
lodge_mount_verify (const char *uuid, dev_t devno, GError **error)
{
  g_autoptr (LodgeMountTable) mounts = lodge_mounts_read (error);
  g_autofree char *name = NULL;
  g_autofree char *found = NULL;
  struct libmnt_fs *line;

  if (mounts == NULL)
    return FALSE;
  line = mnt_table_find_target (mounts, LODGE_STORAGE_MOUNT_POINT, MNT_ITER_BACKWARD);
  if (line == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, N_ ("nothing is mounted at %s"),
                            LODGE_STORAGE_MOUNT_POINT);
  name = lodge_block_name (&lodge_running_machine, mnt_fs_get_devno (line));
  if (mnt_fs_get_devno (line) != devno || g_strcmp0 (mnt_fs_get_fstype (line), "xfs") != 0
      || g_strcmp0 (mnt_fs_get_root (line), "/") != 0 || name == NULL)
    return lodge_error_set (
        error, LODGE_ERROR_FAILED, N_ ("what is mounted at %s is not the VM storage, but %s (%s)"),
        LODGE_STORAGE_MOUNT_POINT, mnt_fs_get_source (line), mnt_fs_get_fstype (line));
  found = read_uuid (name, error);
  if (found == NULL)
    return FALSE;
  if (g_ascii_strcasecmp (found, uuid) != 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            N_ ("the file system mounted at %s has the UUID %s and not %s"),
                            LODGE_STORAGE_MOUNT_POINT, found, uuid);
  return TRUE;
}

gboolean
lodge_mount_check_free (GError **error)
{
  g_autoptr (LodgeMountTable) mounts = lodge_mounts_read (error);
  g_autoptr (GDir) directory = NULL;
  const char *entry;

  if (mounts == NULL)
    return FALSE;
  if (mnt_table_find_target (mounts, LODGE_STORAGE_MOUNT_POINT, MNT_ITER_BACKWARD) != NULL)
    return lodge_error_set (error, LODGE_ERROR_REFUSED,
                            N_ ("something else is mounted at %s; unmount it and try again"),
                            LODGE_STORAGE_MOUNT_POINT);
  directory = g_dir_open (LODGE_STORAGE_MOUNT_POINT, 0, NULL);
  entry = directory != NULL ? g_dir_read_name (directory) : NULL;
  if (entry != NULL)
    return lodge_error_set (
        error, LODGE_ERROR_REFUSED,
        N_ ("%s holds files (%s) that the VM storage would hide; move them away and "
            "try again"),
        LODGE_STORAGE_MOUNT_POINT, entry);
  return TRUE;
}
