/* What is saved on disks that could be adopted.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/look-for-guests.h"

#include <fcntl.h>
#include <unistd.h>

#include "firstboot/adoptable.h"
#include "firstboot/guest-store.h"
#include "firstboot/labelled.h"
#include "common/probe-files.h"

static GStrv
read_names (const char *store)
{
  g_autoptr (GPtrArray) saved = lodge_guest_store_read (store, NULL);

  return lodge_saved_guest_names (saved);
}

/* NULL when it cannot be looked into. */
static GStrv
look_into (const char *partition)
{
  LodgeLabelled labelled = { .name = (char *)partition, .type = (char *)"xfs" };
  int mount = lodge_labelled_open (&labelled, NULL);
  g_autofree char *path = NULL;
  GStrv names;
  int store;

  if (mount == -1)
    return NULL;
  store = openat (mount, LODGE_GUEST_STORE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  path = g_strdup_printf ("/proc/self/fd/%d", store);
  names = store != -1 ? read_names (path) : g_new0 (char *, 1);
  if (store != -1)
    close (store);
  close (mount);
  return names;
}

/* A captured machine has the store in run/lodge-capture/saved/PARTITION. */
static GStrv
look_into_captured (const LodgeProbe *probe, const char *partition)
{
  g_autofree char *path = lodge_probe_path (probe, LODGE_CAPTURE_DIRECTORY "/saved/%s", partition);

  return g_file_test (path, G_FILE_TEST_IS_DIR) ? read_names (path) : NULL;
}

void
lodge_disks_look_for_guests (const LodgeProbe *probe, const GPtrArray *disks)
{
  for (guint i = 0; i < disks->len; i++)
    {
      LodgeDisk *disk = disks->pdata[i];

      if (disk->unusable != NULL || lodge_disk_adoptable (disk) == NULL)
        continue;
      g_strfreev (disk->saved_guests);
      disk->saved_guests = probe->sysroot[0] == '\0'
                               ? look_into (disk->partitions[0])
                               : look_into_captured (probe, disk->partitions[0]);
    }
}
