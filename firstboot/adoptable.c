/* Which disks are Lodge's VM storage beyond doubt.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/adoptable.h"

#include <string.h>

#include "firstboot/disk-state.h"
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
