/* Which disks are Lodge's VM storage beyond doubt, and what is saved on them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/adoptable.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "firstboot/disk-state.h"
#include "firstboot/guest-store.h"
#include "firstboot/i18n.h"
#include "firstboot/labelled.h"
#include "firstboot/probe-files.h"
#include "firstboot/xfs.h"

static gboolean
is_marked (const LodgeSignature *signature)
{
  return g_strcmp0 (signature->type, "xfs") == 0
         && g_strcmp0 (signature->label, LODGE_XFS_LABEL) == 0
         && g_strcmp0 (signature->partition_name, LODGE_STORAGE_PARTITION_NAME) == 0
         && signature->uuid != NULL;
}

const LodgeSignature *
lodge_disk_adoptable (const LodgeDisk *disk)
{
  const LodgeSignature *found = NULL;
  gboolean gpt = FALSE;

  if (disk->partitions == NULL || g_strv_length (disk->partitions) != 1)
    return NULL;
  for (guint i = 0; i < disk->signatures->len; i++)
    {
      const LodgeSignature *signature = disk->signatures->pdata[i];
      const char *name = g_str_has_prefix (signature->device, "/dev/")
                             ? signature->device + strlen ("/dev/")
                             : signature->device;

      if (found == NULL && is_marked (signature) && g_str_equal (name, disk->partitions[0]))
        found = signature;
      else if (g_str_equal (name, disk->name) && g_strcmp0 (signature->type, "gpt") == 0)
        gpt = TRUE;
      else if (!g_str_equal (name, disk->name) || g_strcmp0 (signature->type, "PMBR") != 0)
        return NULL;
    }
  return gpt ? found : NULL;
}

char *
lodge_disk_not_adoptable_clause (const LodgeDisk *disk)
{
  g_autofree char *content = lodge_disk_describe_content (disk);

  return g_strdup_printf ("is not VM storage of Lodge (a GPT with the one partition "
                          "\"" LODGE_STORAGE_PARTITION_NAME
                          "\", in it the XFS file system \"" LODGE_XFS_LABEL "\"): it holds %s",
                          content);
}

const LodgeDisk *
lodge_disk_find_copy (const GPtrArray *disks, const LodgeDisk *disk)
{
  const LodgeSignature *storage = lodge_disk_adoptable (disk);

  for (guint i = 0; storage != NULL && i < disks->len; i++)
    {
      const LodgeDisk *other = disks->pdata[i];

      for (guint j = 0; other != disk && j < other->signatures->len; j++)
        {
          const LodgeSignature *signature = other->signatures->pdata[j];

          if (signature->uuid != NULL && g_ascii_strcasecmp (signature->uuid, storage->uuid) == 0)
            return other;
        }
    }
  return NULL;
}

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
