/* Free space of an image.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-free.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "builder/spans.h"
#include "common/blkid-handle.h"
#include "common/error.h"

static gboolean
set_error (GError **error, const char *image)
{
  return lodge_error_set_errno (error, errno != 0 ? errno : EIO, "look at what is in %s", image);
}

/* The one file system in the partition, "" for none or several; NULL with ERROR set. */
static char *
find_type (int fd, const char *image, const LodgeSpan *partition, GError **error)
{
  g_autoptr (LodgeBlkidProbe) probe = blkid_new_probe ();
  const char *value = NULL;
  int result = -1;

  errno = 0;
  if (probe != NULL
      && blkid_probe_set_device (probe, fd, (blkid_loff_t)partition->start,
                                 (blkid_loff_t)(partition->end - partition->start))
             == 0)
    {
      blkid_probe_enable_superblocks (probe, TRUE);
      blkid_probe_set_superblocks_flags (probe, BLKID_SUBLKS_TYPE);
      result = blkid_do_safeprobe (probe); /* 1: nothing; -2: several */
    }
  if (result == -1)
    {
      set_error (error, image);
      return NULL;
    }
  if (result == 0)
    blkid_probe_lookup_value (probe, "TYPE", &value, NULL);
  return g_strdup (value != NULL ? value : "");
}

static gboolean
add_partition (int fd, const char *image, const LodgeSpan *partition, GArray *free, GError **error)
{
  guint64 size = partition->end - partition->start;
  g_autofree char *type = find_type (fd, image, partition, error);

  if (type == NULL)
    return FALSE;
  if (strcmp (type, "ext4") == 0)
    return lodge_flash_free_ext4 (image, partition->start, size, free, error);
  if (strcmp (type, "vfat") == 0)
    return lodge_flash_free_fat (fd, image, partition->start, size, free, error);
  return TRUE;
}

/* The partitions, in the order of their place; empty when they overlap each other or the end. */
static gboolean
list_partitions (int fd, const char *image, GArray *partitions, GError **error)
{
  g_autoptr (LodgeBlkidProbe) probe = blkid_new_probe ();
  off_t size = lseek (fd, 0, SEEK_END);
  blkid_partlist list;

  errno = 0;
  if (probe == NULL || size < 0 || blkid_probe_set_device (probe, fd, 0, size) != 0)
    return set_error (error, image);
  blkid_probe_enable_partitions (probe, TRUE);
  list = blkid_probe_get_partitions (probe);
  for (int i = 0; list != NULL && i < blkid_partlist_numof_partitions (list); i++)
    {
      blkid_partition partition = blkid_partlist_get_partition (list, i);
      /* Both in units of 512 bytes. */
      guint64 start = (guint64)blkid_partition_get_start (partition) * 512;
      guint64 end = start + (guint64)blkid_partition_get_size (partition) * 512;

      /* The extended partition holds the logical ones. */
      if (!blkid_partition_is_extended (partition))
        lodge_spans_add (partitions, start, end);
    }
  lodge_spans_sort (partitions);
  for (guint i = 0; i < partitions->len; i++)
    {
      guint64 limit = i + 1 < partitions->len ? g_array_index (partitions, LodgeSpan, i + 1).start
                                              : (guint64)size;

      if (g_array_index (partitions, LodgeSpan, i).end > limit)
        {
          g_array_set_size (partitions, 0);
          return TRUE;
        }
    }
  return TRUE;
}

gboolean
lodge_flash_free (int fd, const char *image, GArray *free, GError **error)
{
  g_autoptr (GArray) partitions = lodge_spans_new ();

  if (!list_partitions (fd, image, partitions, error))
    return FALSE;
  for (guint i = 0; i < partitions->len; i++)
    if (!add_partition (fd, image, &g_array_index (partitions, LodgeSpan, i), free, error))
      return FALSE;
  lodge_spans_merge (free, 0);
  return TRUE;
}
