/* From a complete file system on a disk to VM storage that every boot has.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/storage-mount.h"

#include "common/error.h"
#include "common/run.h"
#include "firstboot/block-stack.h"
#include "firstboot/i18n.h"
#include "common/block-tree.h"
#include "firstboot/layout.h"
#include "firstboot/mount-unit.h"
#include "firstboot/selinux.h"
#include "firstboot/system-log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

char *
lodge_storage_partition (const char *disk, const char *description, GError **error)
{
  g_auto (GStrv) names = lodge_block_partitions (&lodge_running_machine, disk);

  if (g_strv_length (names) == 1)
    return g_strdup (names[0]);
  lodge_error_set (error, LODGE_ERROR_FAILED,
                   N_ ("the kernel knows %u partitions of %s, where there should be one"),
                   g_strv_length (names), description);
  return NULL;
}

/* Waits (bounded) until udev is done with the disk.  That the disk's writer has closed it makes
 * udev read its partition table again, and for that moment the kernel has no partition. */
static gboolean
settle (GCancellable *cancellable, GError **error)
{
  static const char *const argv[] = { "udevadm", "settle", "--timeout=60", NULL };
  g_autofree char *output = lodge_run (argv, NULL, cancellable, error);

  if (output == NULL)
    g_prefix_error (error, N_ ("wait for udev: "));
  return output != NULL;
}

gboolean
lodge_storage_release (LodgeDiskGuard **guard, char **node, dev_t *devno, GCancellable *cancellable,
                       GError **error)
{
  g_autofree char *disk = g_strdup ((*guard)->disk->name);
  g_autofree char *description = g_strdup ((*guard)->description);
  guint64 before = 0, after = 0; /* unlike its name, the disk's generation is never used again */
  g_autofree char *name = NULL;
  g_autofree char *found = NULL;
  struct stat status;

  lodge_block_attribute_number (disk, "diskseq", &before);
  g_clear_pointer (guard, lodge_disk_guard_free);
  if (!settle (cancellable, error))
    return FALSE;
  lodge_block_attribute_number (disk, "diskseq", &after);
  if (before != after)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s went away", description);
  name = lodge_storage_partition (disk, description, error);
  if (name == NULL)
    return FALSE;
  found = lodge_block_node (name);
  *devno = lodge_block_devno (name);
  if (stat (found, &status) != 0 || !S_ISBLK (status.st_mode) || status.st_rdev != *devno)
    return lodge_error_set (error, LODGE_ERROR_FAILED, N_ ("%s is not the partition of %s"), found,
                            description);
  *node = g_steal_pointer (&found);
  return TRUE;
}

/* udev kept off the disk while it was locked: has it look at the partition now, and waits for the
 * name that the mount unit goes by. */
static gboolean
wait_for_name (const char *node, const char *uuid, GCancellable *cancellable, GError **error)
{
  g_autofree char *link = g_strconcat ("/dev/disk/by-uuid/", uuid, NULL);
  const char *const trigger[] = { "udevadm", "trigger", "--action=change", node, NULL };
  const char *const wait[] = { "udevadm", "wait", "--timeout=60", link, NULL };
  g_autofree char *triggered = lodge_run (trigger, NULL, cancellable, error);
  g_autofree char *waited = triggered != NULL ? lodge_run (wait, NULL, cancellable, error) : NULL;

  if (waited == NULL)
    g_prefix_error (error, "wait for %s: ", link);
  return waited != NULL;
}

/* The step counts as done when this is on the disk, and not in memory only. */
static gboolean
flush_storage (GError **error)
{
  int fd = open (LODGE_STORAGE_MOUNT_POINT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean good = fd >= 0 && syncfs (fd) == 0;

  if (!good)
    lodge_error_set_errno (error, errno, N_ ("write what is at %s to the disk"),
                           LODGE_STORAGE_MOUNT_POINT);
  if (fd >= 0)
    close (fd);
  return good;
}

/* What is adopted may come from a host without SELinux.  A file that takes no label, as one that is
 * immutable, is no reason to do without all the others: it is told. */
static void
label_content (LodgeStepContext *context)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;

  if (lodge_selinux_relabel_tree (LODGE_STORAGE_MOUNT_POINT, LODGE_SYSTEM_LOG_DIRECTORY,
                                  context->cancellable, &error))
    return;
  line = g_strdup_printf ("not every file of the VM storage has an SELinux label: %s",
                          error->message);
  context->tell (line, context->tell_data);
}

gboolean
lodge_storage_bring_up (LodgeStepContext *context, const char *node, dev_t devno, GError **error)
{
  const char *uuid = context->plan->filesystem_uuid;

  if (!wait_for_name (node, uuid, context->cancellable, error)
      || !lodge_mount_unit_write ("", uuid, error)
      || !lodge_mount_unit_start (context->cancellable, error)
      || !lodge_mount_verify (uuid, devno, error))
    return FALSE;
  /* As the distributions' libvirt packages have it: qemu may reach its images, nobody may list
   * them. */
  if (chmod (LODGE_STORAGE_MOUNT_POINT, 0711) != 0)
    return lodge_error_set_errno (error, errno, N_ ("set the permissions of %s"),
                                  LODGE_STORAGE_MOUNT_POINT);
  if (context->plan->answers->layout == LODGE_LAYOUT_ADOPT)
    label_content (context);
  return lodge_selinux_relabel (LODGE_STORAGE_MOUNT_POINT, context->cancellable, error)
         && lodge_system_log_keep (context->cancellable, error) && flush_storage (error);
}
