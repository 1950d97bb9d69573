/* Free clusters of a FAT32 file system: Microsoft's FAT specification, version 1.03, section 6.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-free.h"

#include <errno.h>
#include <unistd.h>

#include "builder/spans.h"
#include "common/error.h"

enum
{
  BOOT_SECTOR = 512,
  FIRST_CLUSTER = 2,
  ENTRY = 4,                 /* bytes of the table for one cluster */
  CLUSTER_MASK = 0x0fffffff, /* the other four bits are nobody's */
  LEAST_CLUSTERS = 65525,    /* with fewer it is FAT16, whatever else it says */
};

typedef struct
{
  guint64 cluster_size; /* bytes */
  guint64 table;        /* of the first FAT; bytes from the file system's begin */
  guint64 data;         /* of cluster 2 */
  guint64 clusters;
} Geometry;

static guint
get16 (const guint8 *bytes)
{
  return bytes[0] | (guint)bytes[1] << 8;
}

static guint32
get32 (const guint8 *bytes)
{
  return get16 (bytes) | (guint32)get16 (bytes + 2) << 16;
}

static gboolean
read_at (int fd, guint64 place, void *data, gsize length)
{
  ssize_t count = TEMP_FAILURE_RETRY (pread (fd, data, length, (off_t)place));

  if (count >= 0 && count != (ssize_t)length)
    errno = EIO;
  return count == (ssize_t)length;
}

/* FALSE when it is not a FAT32 that lies within SIZE bytes. */
static gboolean
understand (const guint8 *boot, guint64 size, Geometry *geometry)
{
  guint64 sector = get16 (boot + 11);
  guint64 table_size = (guint64)get32 (boot + 36) * sector;
  guint64 total = (guint64)get32 (boot + 32) * sector;

  geometry->cluster_size = boot[13] * sector;
  geometry->table = get16 (boot + 14) * sector;
  geometry->data = geometry->table + boot[16] * table_size;
  if (get16 (boot + 510) != 0xaa55 || get16 (boot + 22) != 0 || sector < BOOT_SECTOR
      || geometry->cluster_size == 0 || table_size == 0 || geometry->table == 0 || boot[16] == 0
      || total > size || geometry->data >= total)
    return FALSE;
  geometry->clusters = (total - geometry->data) / geometry->cluster_size;
  return geometry->clusters >= LEAST_CLUSTERS
         && (geometry->clusters + FIRST_CLUSTER) * ENTRY <= table_size;
}

gboolean
lodge_flash_free_fat (int fd, const char *image, guint64 offset, guint64 size, GArray *free,
                      GError **error)
{
  guint8 boot[BOOT_SECTOR];
  g_autofree guint8 *table = NULL;
  Geometry geometry;

  if (!read_at (fd, offset, boot, sizeof boot))
    return lodge_error_set_errno (error, errno, "read %s", image);
  if (!understand (boot, size, &geometry))
    return TRUE;
  table = g_malloc (geometry.clusters * ENTRY);
  if (!read_at (fd, offset + geometry.table + FIRST_CLUSTER * ENTRY, table,
                geometry.clusters * ENTRY))
    return lodge_error_set_errno (error, errno, "read %s", image);
  for (guint64 i = 0; i < geometry.clusters; i++)
    {
      guint64 first = i;

      while (i < geometry.clusters && (get32 (table + i * ENTRY) & CLUSTER_MASK) == 0)
        i++;
      lodge_spans_add (free, offset + geometry.data + first * geometry.cluster_size,
                       offset + geometry.data + i * geometry.cluster_size);
    }
  return TRUE;
}
