/* The partitions of an image that is written to disks.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-partition.h"

#include "builder/flash-map.h"
#include "common/blkid-handle.h"

/* PROBE's, or NULL. */
static blkid_partlist
list_partitions (LodgeBlkidProbe *probe, const LodgeFlashSource *source)
{
  if (probe == NULL
      || blkid_probe_set_device (probe, source->fd, 0, (blkid_loff_t)source->size) != 0)
    return NULL;
  blkid_probe_enable_partitions (probe, TRUE);
  return blkid_probe_get_partitions (probe);
}

gboolean
lodge_flash_partition_find (const LodgeFlashSource *source, const char *name, LodgeSpan *place)
{
  g_autoptr (LodgeBlkidProbe) probe = blkid_new_probe ();
  blkid_partlist list = list_partitions (probe, source);

  for (int i = 0; list != NULL && i < blkid_partlist_numof_partitions (list); i++)
    {
      blkid_partition partition = blkid_partlist_get_partition (list, i);

      if (g_strcmp0 (blkid_partition_get_name (partition), name) != 0)
        continue;
      /* Both in units of 512 bytes. */
      place->start = (guint64)blkid_partition_get_start (partition) * 512;
      place->end = place->start + (guint64)blkid_partition_get_size (partition) * 512;
      if (place->start >= LODGE_FLASH_MARGIN && place->end <= source->size - LODGE_FLASH_MARGIN)
        return TRUE;
    }
  return FALSE;
}

char *
lodge_flash_partition_uuid (int fd, const LodgeSpan *place, const char *type)
{
  g_autoptr (LodgeBlkidProbe) probe = blkid_new_probe ();
  const char *found = NULL;
  const char *uuid = NULL;

  if (probe == NULL
      || blkid_probe_set_device (probe, fd, (blkid_loff_t)place->start,
                                 (blkid_loff_t)(place->end - place->start))
             != 0)
    return NULL;
  blkid_probe_enable_superblocks (probe, TRUE);
  blkid_probe_set_superblocks_flags (probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID);
  if (blkid_do_safeprobe (probe) != 0 || blkid_probe_lookup_value (probe, "TYPE", &found, NULL) != 0
      || !g_str_equal (found, type) || blkid_probe_lookup_value (probe, "UUID", &uuid, NULL) != 0)
    return NULL;
  return g_strdup (uuid);
}

static void
add_uuid (GPtrArray *uuids, const char *uuid)
{
  if (uuid == NULL || uuid[0] == '\0')
    return;
  g_ptr_array_add (uuids, g_ascii_strdown (uuid, -1));
  g_ptr_array_add (uuids, g_ascii_strup (uuid, -1));
}

GStrv
lodge_flash_partition_table_uuids (const LodgeFlashSource *source)
{
  g_autoptr (LodgeBlkidProbe) probe = blkid_new_probe ();
  blkid_partlist list = list_partitions (probe, source);
  GPtrArray *uuids = g_ptr_array_new ();

  for (int i = 0; list != NULL && i < blkid_partlist_numof_partitions (list); i++)
    {
      blkid_partition partition = blkid_partlist_get_partition (list, i);

      if (i == 0)
        add_uuid (uuids, blkid_parttable_get_id (blkid_partition_get_table (partition)));
      add_uuid (uuids, blkid_partition_get_uuid (partition));
    }
  g_ptr_array_add (uuids, NULL);
  return (GStrv)g_ptr_array_free (uuids, FALSE);
}
