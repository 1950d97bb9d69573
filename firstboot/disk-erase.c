/* Whether the answers' erase= gives up what is on a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/disk-erase.h"
#include "firstboot/disk-state.h"
#include "firstboot/xfs.h"

const char *
lodge_disk_erase_name (const LodgeDisk *disk)
{
  return disk->serial != NULL ? disk->serial : disk->name;
}

/* One of the two marks is enough: people rename file systems, and partitions. */
static gboolean
is_storage (const LodgeSignature *signature)
{
  return g_strcmp0 (signature->type, "xfs") == 0
         && (g_strcmp0 (signature->label, LODGE_XFS_LABEL) == 0
             || g_strcmp0 (signature->partition_name, LODGE_STORAGE_PARTITION_NAME) == 0);
}

/* UUIDs are typed in either case. */
static gboolean
names_uuid (const char *const *erase, const char *uuid)
{
  for (gsize i = 0; uuid != NULL && erase[i] != NULL; i++)
    if (g_ascii_strcasecmp (erase[i], uuid) == 0)
      return TRUE;
  return FALSE;
}

const LodgeSignature *
lodge_disk_unnamed_storage (const LodgeDisk *disk, const char *const *erase)
{
  for (guint i = 0; i < disk->signatures->len; i++)
    {
      const LodgeSignature *signature = disk->signatures->pdata[i];

      if (is_storage (signature) && !names_uuid (erase, signature->uuid))
        return signature;
    }
  return NULL;
}

/* Whether VM storage is there, and nothing beside it but the partition table that it is in. */
static gboolean
has_storage_only (const LodgeDisk *disk)
{
  gboolean found = FALSE;

  for (guint i = 0; i < disk->signatures->len; i++)
    {
      const LodgeSignature *signature = disk->signatures->pdata[i];

      if (is_storage (signature))
        found = TRUE;
      else if (g_strcmp0 (signature->usage, "partition table") != 0)
        return FALSE;
    }
  return found && (disk->partitions == NULL || g_strv_length (disk->partitions) <= 1);
}

gboolean
lodge_disk_is_given_up (const LodgeDisk *disk, const char *const *erase)
{
  return lodge_disk_unnamed_storage (disk, erase) == NULL
         && (g_strv_contains (erase, lodge_disk_erase_name (disk)) || has_storage_only (disk));
}

char *
lodge_disk_storage_clause (const LodgeSignature *storage)
{
  if (storage->uuid == NULL)
    return g_strdup ("is VM storage of Lodge already, and virtual machines may be on it, so it is "
                     "left as it is; its file system has no UUID to name in erase=, so wipe the "
                     "disk by hand if nobody misses it");
  return g_strdup_printf ("is VM storage of Lodge already (file system %s), and virtual machines "
                          "may be on it, so it is left as it is; to keep them, say layout=adopt "
                          "in the answers' [storage] section; to destroy it, name the file system "
                          "there, as erase=%s",
                          storage->uuid, storage->uuid);
}
