/* What is saved on disks that could be adopted.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/look-for-guests.h"

#include <unistd.h>

#include "firstboot/adoptable.h"
#include "firstboot/guest-store.h"
#include "firstboot/labelled.h"
#include "firstboot/store-directory.h"
#include "firstboot/xfs.h"
#include "common/probe-files.h"

/* What stands in the STORE goes to DISK. */
static void
read_store (const char *store, LodgeDisk *disk)
{
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_problem_free);
  g_autoptr (GPtrArray) saved = lodge_guest_store_read (store, problems);

  disk->saved_guests = lodge_saved_guest_names (saved);
  disk->saved_more = problems->len > 0;
}

/* What the log holds is not seen: with anything in it, definitions may be missing. */
static gboolean
is_clean (const char *partition)
{
  g_autofree char *node = g_build_filename ("/dev", partition, NULL);

  return lodge_xfs_is_clean (node);
}

/* What is mounted at MOUNT; no link in it is followed.  Leaves the names NULL when nobody knows. */
static void
look_into_mount (int mount, LodgeDisk *disk)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", mount);
  g_autoptr (LodgeDirectory) top = NULL;
  g_autoptr (LodgeDirectory) store = NULL;

  if (!lodge_directory_open (path, &top, NULL) || top == NULL
      || !lodge_directory_open_below (top, LODGE_GUEST_STORE, 0, &store, NULL))
    return;
  if (store == NULL)
    disk->saved_guests = g_new0 (char *, 1);
  else
    {
      g_autofree char *place = g_strdup_printf ("/proc/self/fd/%d", store->fd);

      read_store (place, disk);
    }
}

/* Leaves the names NULL when it cannot be looked into. */
static void
look_into (const char *partition, LodgeDisk *disk)
{
  LodgeLabelled labelled = { .name = (char *)partition, .type = (char *)"xfs" };
  gboolean clean = is_clean (partition);
  int mount = lodge_labelled_open (&labelled, NULL);

  if (mount == -1)
    return;
  look_into_mount (mount, disk);
  close (mount);
  disk->saved_more = disk->saved_more || !clean;
}

/* A captured machine has the store in run/lodge-capture/saved/PARTITION. */
static void
look_into_captured (const LodgeProbe *probe, const char *partition, LodgeDisk *disk)
{
  g_autofree char *path = lodge_probe_path (probe, LODGE_CAPTURE_DIRECTORY "/saved/%s", partition);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    read_store (path, disk);
}

void
lodge_disks_look_for_guests (const LodgeProbe *probe, const GPtrArray *disks)
{
  for (guint i = 0; i < disks->len; i++)
    {
      LodgeDisk *disk = disks->pdata[i];

      if (disk->unusable != NULL || lodge_disk_adoptable (disk) == NULL)
        continue;
      g_clear_pointer (&disk->saved_guests, g_strfreev);
      disk->saved_more = FALSE;
      if (probe->sysroot[0] == '\0')
        look_into (disk->partitions[0], disk);
      else
        look_into_captured (probe, disk->partitions[0], disk);
    }
}

GPtrArray *
lodge_probe_disks_and_guests (const LodgeProbe *probe, GError **error)
{
  GPtrArray *disks = lodge_probe_disks (probe, error);

  if (disks != NULL)
    lodge_disks_look_for_guests (probe, disks);
  return disks;
}
