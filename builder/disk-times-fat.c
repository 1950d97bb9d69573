/* Times in a finished FAT32 file system: Microsoft's FAT specification, version 1.03, section 6.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mtools could set one of an entry's three times, libguestfs' utimens two.
 */
#include "builder/disk-times.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"

enum
{
  ENTRY = 32, /* bytes of a directory entry */
  BOOT_SECTOR = 512,
  REMOVED = 0xe5,
  ATTRIBUTE_DIRECTORY = 0x10,
  ATTRIBUTES_LONG_NAME = 0x0f,
  CLUSTER_MASK = 0x0fffffff, /* the other four bits are nobody's */
  LAST_CLUSTER = 0x0ffffff8, /* and all above */
};

typedef struct
{
  int fd;
  guint64 offset; /* of the file system */
  guint64 table;  /* of the first FAT, in the file */
  guint64 data;   /* of cluster 2 */
  guint32 cluster_size;
  guint32 clusters; /* the highest number + 1 */
  guint16 time;
  guint16 date;
  guint8 *buffer;  /* one cluster */
  GArray *pending; /* of guint32: first clusters of directories */
} Fat;

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

static void
put16 (guint8 *bytes, guint value)
{
  bytes[0] = (guint8)value;
  bytes[1] = (guint8)(value >> 8);
}

static gboolean
read_at (const Fat *fat, guint64 place, void *data, gsize length)
{
  ssize_t count = TEMP_FAILURE_RETRY (pread (fat->fd, data, length, (off_t)place));

  if (count >= 0 && count != (ssize_t)length)
    errno = EIO;
  return count == (ssize_t)length;
}

static gboolean
write_at (const Fat *fat, guint64 place, const void *data, gsize length)
{
  ssize_t count = TEMP_FAILURE_RETRY (pwrite (fat->fd, data, length, (off_t)place));

  if (count >= 0 && count != (ssize_t)length)
    errno = ENOSPC;
  return count == (ssize_t)length;
}

/* Two seconds are FAT's least unit. */
static void
set_time (Fat *fat, gint64 epoch)
{
  const gint64 first = 315532800; /* 1980-01-01 */
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (MAX (epoch, first));

  fat->time = (guint16)(g_date_time_get_hour (time) << 11 | g_date_time_get_minute (time) << 5
                        | g_date_time_get_second (time) / 2);
  fat->date = (guint16)(MIN (g_date_time_get_year (time) - 1980, 127) << 9
                        | g_date_time_get_month (time) << 5 | g_date_time_get_day_of_month (time));
}

/* FALSE with errno set: EINVAL when it is no FAT32. */
static gboolean
open_fat (Fat *fat)
{
  guint8 boot[BOOT_SECTOR];
  guint sector;
  guint64 table_sectors;
  guint64 reserved;

  if (!read_at (fat, fat->offset, boot, sizeof boot))
    return FALSE;
  sector = get16 (boot + 11);
  fat->cluster_size = boot[13] * sector;
  reserved = get16 (boot + 14);
  table_sectors = get32 (boot + 36);
  if (get16 (boot + 510) != 0xaa55 || sector < BOOT_SECTOR || fat->cluster_size < ENTRY
      || get16 (boot + 22) != 0 || table_sectors == 0)
    {
      errno = EINVAL;
      return FALSE;
    }
  fat->table = fat->offset + reserved * sector;
  fat->data = fat->table + boot[16] * table_sectors * sector;
  fat->clusters = (guint32)MIN (table_sectors * sector / 4, LAST_CLUSTER);
  fat->buffer = g_malloc (fat->cluster_size);
  {
    guint32 root = get32 (boot + 44) & CLUSTER_MASK;

    g_array_append_val (fat->pending, root);
  }
  return TRUE;
}

/* FALSE after the last entry of a directory. */
static gboolean
change_entry (Fat *fat, guint8 *entry)
{
  guint32 cluster = get16 (entry + 26) | (guint32)get16 (entry + 20) << 16;

  if (entry[0] == 0)
    return FALSE;
  if (entry[0] == REMOVED)
    memset (entry + 1, 0, ENTRY - 1);
  else if ((entry[11] & 0x3f) != ATTRIBUTES_LONG_NAME)
    {
      entry[13] = 0; /* hundredths of the creation's time */
      put16 (entry + 14, fat->time);
      put16 (entry + 16, fat->date);
      put16 (entry + 18, fat->date); /* last access */
      put16 (entry + 22, fat->time);
      put16 (entry + 24, fat->date);
      /* "." and ".." lead back. */
      if ((entry[11] & ATTRIBUTE_DIRECTORY) != 0 && entry[0] != '.')
        g_array_append_val (fat->pending, cluster);
    }
  return TRUE;
}

/* *LAST becomes TRUE when the directory ends in this cluster. */
static gboolean
change_cluster (Fat *fat, guint32 cluster, gboolean *last)
{
  guint64 place = fat->data + (guint64)(cluster - 2) * fat->cluster_size;

  if (!read_at (fat, place, fat->buffer, fat->cluster_size))
    return FALSE;
  *last = FALSE;
  for (guint32 i = 0; !*last && i + ENTRY <= fat->cluster_size; i += ENTRY)
    *last = !change_entry (fat, fat->buffer + i);
  return write_at (fat, place, fat->buffer, fat->cluster_size);
}

static gboolean
run (Fat *fat)
{
  guint32 visited = 0;

  if (!open_fat (fat))
    return FALSE;
  for (guint i = 0; i < fat->pending->len; i++)
    {
      guint32 cluster = g_array_index (fat->pending, guint32, i);
      gboolean last = FALSE;

      while (!last && cluster < LAST_CLUSTER)
        {
          guint8 next[4];

          /* More than there are: a ring. */
          if (cluster < 2 || cluster >= fat->clusters || ++visited > fat->clusters)
            {
              errno = EINVAL;
              return FALSE;
            }
          if (!change_cluster (fat, cluster, &last)
              || !read_at (fat, fat->table + 4 * (guint64)cluster, next, sizeof next))
            return FALSE;
          cluster = get32 (next) & CLUSTER_MASK;
        }
    }
  return TRUE;
}

gboolean
lodge_disk_times_fat (const char *image, guint64 offset, gint64 epoch, GError **error)
{
  Fat fat = { .fd = open (image, O_RDWR | O_CLOEXEC), .offset = offset };
  gboolean done;
  int saved;

  if (fat.fd < 0)
    return lodge_error_set_errno (error, errno, "open %s", image);
  fat.pending = g_array_new (FALSE, FALSE, sizeof (guint32));
  set_time (&fat, epoch);
  done = run (&fat);
  saved = errno;
  close (fat.fd);
  g_array_unref (fat.pending);
  g_free (fat.buffer);
  if (done)
    return TRUE;
  return lodge_error_set_errno (error, saved,
                                "put the times of the FAT file system at byte %" G_GUINT64_FORMAT
                                " of %s in order",
                                offset, image);
}
