/* File systems by label, read through a detached mount.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/labelled.h"

#include "common/claim.h"
#include "common/error.h"
#include "common/file.h"
#include "common/blkid-handle.h"
#include "firstboot/block-stack.h"
#include "common/block-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The file systems that are read, and the option that keeps a read-only mount from replaying their
 * journal, which writes: reading answers must leave every disk as it is. */
static const struct
{
  const char *type;   /* libblkid's name */
  const char *driver; /* the kernel's */
  const char *option; /* or NULL */
} drivers[] = {
  { "vfat", "vfat", NULL },     { "exfat", "exfat", NULL },     { "iso9660", "iso9660", NULL },
  { "udf", "udf", NULL },       { "ext2", "ext4", "noload" },   { "ext3", "ext4", "noload" },
  { "ext4", "ext4", "noload" }, { "xfs", "xfs", "norecovery" },
};

void
lodge_labelled_free (LodgeLabelled *labelled)
{
  if (labelled == NULL)
    return;
  g_free (labelled->name);
  g_free (labelled->type);
  g_free (labelled);
}

/* --- finding --- */

/* Kernel names of the disks that / is on, through partitions, dm and md. */
static GPtrArray *
boot_disks (void)
{
  struct stat root;
  g_autofree char *name
      = stat ("/", &root) == 0 ? lodge_block_name (&lodge_running_machine, root.st_dev) : NULL;

  return name != NULL ? lodge_block_lower_disks (name) : g_ptr_array_new_with_free_func (g_free);
}

/* Devices that have a medium, and whose reading neither hangs (a floppy drive's, a suspended device
 * mapper's or a network's) nor is about memory. */
static gboolean
worth_probing (const char *name)
{
  static const char *const skipped[]
      = { "loop", "ram", "zram", "fd", "nbd", "dm-", "md", "drbd", "rbd" };
  g_autofree char *path = g_build_filename ("/sys/class/block", name, "size", NULL);
  g_autofree char *size = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (skipped); i++)
    if (g_str_has_prefix (name, skipped[i]))
      return FALSE;
  return g_file_get_contents (path, &size, NULL, NULL) && g_ascii_strtoull (size, NULL, 10) > 0;
}

/* What is on the device, if it is a file system called LABEL. */
static LodgeLabelled *
probe_device (const char *name, const char *label)
{
  g_autofree char *device = g_build_filename ("/dev", name, NULL);
  g_autoptr (LodgeBlkidProbe) probe = blkid_new_probe_from_filename (device);
  const char *found_label = NULL, *type = NULL, *usage = NULL;
  LodgeLabelled *labelled;

  if (probe == NULL)
    return NULL;
  blkid_probe_enable_superblocks (probe, 1);
  blkid_probe_set_superblocks_flags (probe,
                                     BLKID_SUBLKS_LABEL | BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE);
  if (blkid_do_safeprobe (probe) != 0
      || blkid_probe_lookup_value (probe, "LABEL", &found_label, NULL)
      || blkid_probe_lookup_value (probe, "TYPE", &type, NULL)
      || blkid_probe_lookup_value (probe, "USAGE", &usage, NULL)
      || !g_str_equal (usage, "filesystem") || g_ascii_strcasecmp (found_label, label) != 0)
    return NULL;
  labelled = g_new0 (LodgeLabelled, 1);
  labelled->name = g_strdup (name);
  labelled->type = g_strdup (type);
  return labelled;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const LodgeLabelled *x = *(LodgeLabelled *const *)a, *y = *(LodgeLabelled *const *)b;

  if (x->boot_disk != y->boot_disk)
    return x->boot_disk ? -1 : 1;
  return strcmp (x->name, y->name);
}

GPtrArray *
lodge_labelled_find (const char *label)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_labelled_free);
  g_autoptr (GDir) directory = g_dir_open ("/sys/class/block", 0, NULL);
  g_autoptr (GPtrArray) boot = boot_disks ();
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      LodgeLabelled *labelled = worth_probing (name) ? probe_device (name, label) : NULL;
      g_autofree char *disk = NULL;

      if (labelled == NULL)
        continue;
      disk = lodge_block_whole (&lodge_running_machine, name);
      labelled->boot_disk = lodge_block_names_contain (boot, disk);
      g_ptr_array_add (list, labelled);
    }
  g_ptr_array_sort (list, compare);
  return list;
}

/* --- reading --- */

/* glibc has these calls since 2.36 only, CentOS Stream 9 has 2.34. */
static int
file_system_set (int context, unsigned int command, const char *key, const char *value)
{
  return (int)syscall (SYS_fsconfig, context, command, key, value, 0);
}

/* A mount of DEVICE that is attached nowhere, through which nothing can be written unless
 * ATTRIBUTES lack MOUNT_ATTR_RDONLY; -1 with errno set. */
static int
mount_detached (const char *device, const char *driver, const char *option, gboolean read_only,
                unsigned int attributes)
{
  int context = (int)syscall (SYS_fsopen, driver, FSOPEN_CLOEXEC);
  int mount = -1;
  int saved;

  if (context == -1)
    return -1;
  if (file_system_set (context, FSCONFIG_SET_STRING, "source", device) == 0
      && (!read_only || file_system_set (context, FSCONFIG_SET_FLAG, "ro", NULL) == 0)
      && (option == NULL || file_system_set (context, FSCONFIG_SET_FLAG, option, NULL) == 0)
      && file_system_set (context, FSCONFIG_CMD_CREATE, NULL, NULL) == 0)
    mount = (int)syscall (SYS_fsmount, context, FSMOUNT_CLOEXEC,
                          attributes | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  saved = errno;
  close (context);
  errno = saved;
  return mount;
}

/* A mount to read from. */
static int
mount_for_reading (const char *device, const char *driver, const char *option)
{
  gint64 deadline = lodge_claim_deadline ();
  int mount;

  do
    {
      mount = mount_detached (device, driver, option, TRUE, MOUNT_ATTR_RDONLY);
      /* Mounted for writing elsewhere (by /etc/fstab): then a second, read-only view of it.  The
       * option stays: should that mount have gone meanwhile, this one must not replay a journal. */
      if (mount == -1 && errno == EBUSY)
        mount = mount_detached (device, driver, option, FALSE, MOUNT_ATTR_RDONLY);
    }
  while (mount == -1 && errno == EBUSY && lodge_claim_wait (deadline));
  return mount;
}

int
lodge_labelled_open (const LodgeLabelled *labelled, GError **error)
{
  g_autofree char *device = g_build_filename ("/dev", labelled->name, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (drivers); i++)
    {
      int mount;

      if (!g_str_equal (labelled->type, drivers[i].type))
        continue;
      mount = mount_for_reading (device, drivers[i].driver, drivers[i].option);
      if (mount == -1)
        lodge_error_set_errno (error, errno, "%s (%s) cannot be mounted to be read", labelled->name,
                               labelled->type);
      return mount;
    }
  lodge_error_set (
      error, LODGE_ERROR_FAILED,
      "%s holds %s, which is not read here: use FAT, exFAT, ISO 9660, UDF, ext4 or XFS",
      labelled->name, labelled->type);
  return -1;
}

char *
lodge_labelled_read (const LodgeLabelled *labelled, const char *name, gsize limit, gsize *length,
                     gboolean *other, GError **error)
{
  int mount = lodge_labelled_open (labelled, error);
  g_autofree char *path = NULL;
  g_autofree char *text_name = g_strconcat (name, ".txt", NULL);
  char *text = NULL;
  int file;

  if (mount == -1)
    return NULL;
  file = openat (mount, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file != -1)
    {
      path = g_strdup_printf ("/proc/self/fd/%d", file);
      text = lodge_file_read (path, (gssize)limit, length, error);
      g_prefix_error (error, "%s on %s: ", name, labelled->name);
      close (file);
    }
  else if (errno != ENOENT)
    lodge_error_set_errno (error, errno, "%s on %s", name, labelled->name);
  else if (other != NULL)
    *other = faccessat (mount, text_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  close (mount);
  return text;
}

/* --- writing --- */

static int
mount_for_writing (const LodgeLabelled *labelled, GError **error)
{
  g_autofree char *device = g_build_filename ("/dev", labelled->name, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (drivers); i++)
    {
      int mount;

      if (!g_str_equal (labelled->type, drivers[i].type))
        continue;
      mount = mount_detached (device, drivers[i].driver, NULL, FALSE, 0);
      if (mount == -1)
        lodge_error_set_errno (error, errno, "%s (%s) cannot be mounted to be written to",
                               labelled->name, labelled->type);
      return mount;
    }
  lodge_error_set (error, LODGE_ERROR_FAILED, "%s holds %s, which is not written to",
                   labelled->name, labelled->type);
  return -1;
}

/* Flushes the file system.  What fsmount(2) gives cannot be flushed itself: it is as of O_PATH. */
static gboolean
flush (int mount, GError **error)
{
  int directory = openat (mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean done = directory != -1 && syncfs (directory) == 0;

  if (!done)
    lodge_error_set_errno (error, errno, "flush");
  if (directory != -1)
    close (directory);
  return done;
}

gboolean
lodge_labelled_write (const LodgeLabelled *labelled, const char *name, const char *text,
                      GError **error)
{
  int mount = mount_for_writing (labelled, error);
  g_autofree char *path = NULL;
  gboolean done;

  if (mount == -1)
    return FALSE;
  /* The directory is reached through the descriptor: the mount has no path. */
  path = g_strdup_printf ("/proc/self/fd/%d/%s", mount, name);
  done = lodge_file_replace (path, text, -1, 0600, error) && flush (mount, error);
  close (mount);
  if (!done)
    g_prefix_error (error, "%s on %s: ", name, labelled->name);
  return done;
}
