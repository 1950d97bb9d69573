/* VMDK files of the kind streamOptimized.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/vmdk-stream.h"
#include "builder/format.h"
#include "common/error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum
{
  SECTOR_SIZE = 512,
  GRAIN_SECTORS = LODGE_VMDK_GRAIN / SECTOR_SIZE,
  VERSION = 3, /* what compressed grains with markers need */
  TABLE_ENTRIES = 512,
  TABLE_SECTORS = TABLE_ENTRIES * 4 / SECTOR_SIZE,
  DESCRIPTOR_OFFSET = 1, /* sectors */
  DESCRIPTOR_SECTORS = 20,
  DEFLATE = 1,
  ID_DIGITS = 8,
  LONG_ID_DIGITS = 32,
  /* A large disk's geometry, which counts for nothing any more. */
  HEADS = 255,
  SECTORS_PER_TRACK = 63,
  CYLINDERS_LIMIT = 65535,
};

/* "Valid new line detection test", "grains are compressed", "there are markers". */
#define FLAGS ((1U << 0) | (1U << 16) | (1U << 17))

struct _LodgeVmdkStream
{
  int fd;
  char *path;
  char *id;
  guint64 sectors;       /* of the disk */
  guint tables;          /* grain tables */
  guint64 tables_offset; /* sectors */
  guint64 end;           /* sectors: where the next grain goes */
  guint32 *entries;      /* of all tables, little-endian: where each grain is */
};

static guint64
directory_sectors (const LodgeVmdkStream *stream)
{
  return (stream->tables * 4 + SECTOR_SIZE - 1) / SECTOR_SIZE;
}

static gboolean
write_at (const LodgeVmdkStream *stream, const void *data, gsize length, guint64 sector,
          GError **error)
{
  const guint8 *bytes = data;
  guint64 offset = sector * SECTOR_SIZE;

  while (length > 0)
    {
      ssize_t put = TEMP_FAILURE_RETRY (pwrite (stream->fd, bytes, length, (off_t)offset));

      if (put <= 0)
        return lodge_error_set_errno (error, put < 0 ? errno : ENOSPC, "write %s", stream->path);
      bytes += put;
      offset += (guint64)put;
      length -= (gsize)put;
    }
  return TRUE;
}

LodgeVmdkStream *
lodge_vmdk_stream_new (int fd, const char *path, guint64 size, const char *content_id,
                       GError **error)
{
  g_autoptr (LodgeVmdkStream) stream = g_new0 (LodgeVmdkStream, 1);
  guint64 grains = (size + LODGE_VMDK_GRAIN - 1) / LODGE_VMDK_GRAIN;

  stream->fd = fd;
  stream->path = g_strdup (path);
  stream->id = g_strndup (content_id, LONG_ID_DIGITS);
  /* Sectors of the file are numbered with 32 bits, and compressed grains may be larger than they
   * were. */
  if (size == 0 || size % SECTOR_SIZE != 0 || strlen (stream->id) != LONG_ID_DIGITS
      || grains * (GRAIN_SECTORS + 1) > G_MAXUINT32 / 2)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "a disk of %" G_GUINT64_FORMAT " bytes cannot be a VMDK", size);
      return NULL;
    }
  stream->sectors = size / SECTOR_SIZE;
  stream->tables = (guint)((grains + TABLE_ENTRIES - 1) / TABLE_ENTRIES);
  stream->entries = g_new0 (guint32, (gsize)stream->tables * TABLE_ENTRIES);
  stream->tables_offset = DESCRIPTOR_OFFSET + DESCRIPTOR_SECTORS + directory_sectors (stream);
  stream->end = stream->tables_offset + (guint64)stream->tables * TABLE_SECTORS;
  return g_steal_pointer (&stream);
}

static void
put_16 (guint8 *at, guint16 value)
{
  value = GUINT16_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

static void
put_32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

static void
put_64 (guint8 *at, guint64 value)
{
  value = GUINT64_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

gboolean
lodge_vmdk_stream_add (LodgeVmdkStream *stream, guint64 number, guint8 *data, gsize length,
                       GError **error)
{
  gsize used = LODGE_VMDK_MARKER + length;
  gsize rounded = (used + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE;

  put_64 (data, number * GRAIN_SECTORS);
  put_32 (data + 8, (guint32)length);
  memset (data + used, 0, rounded - used);
  if (!write_at (stream, data, rounded, stream->end, error))
    return FALSE;
  stream->entries[number] = GUINT32_TO_LE ((guint32)stream->end);
  stream->end += rounded / SECTOR_SIZE;
  return TRUE;
}

static gboolean
write_header (const LodgeVmdkStream *stream, GError **error)
{
  guint8 header[SECTOR_SIZE] = "KDMV";

  put_32 (header + 4, VERSION);
  put_32 (header + 8, FLAGS);
  put_64 (header + 12, stream->sectors);
  put_64 (header + 20, GRAIN_SECTORS);
  put_64 (header + 28, DESCRIPTOR_OFFSET);
  put_64 (header + 36, DESCRIPTOR_SECTORS);
  put_32 (header + 44, TABLE_ENTRIES);
  put_64 (header + 48, 0); /* there is no redundant grain directory */
  put_64 (header + 56, DESCRIPTOR_OFFSET + DESCRIPTOR_SECTORS);
  put_64 (header + 64, stream->tables_offset + (guint64)stream->tables * TABLE_SECTORS);
  memcpy (header + 73, "\n \r\n", 4); /* shows whether the file was sent as text */
  put_16 (header + 77, DEFLATE);
  return write_at (stream, header, sizeof header, 0, error);
}

/* The controller is the virtual machine's to choose: descriptors know of no paravirtual one, and
 * VMware's own say lsilogic.  The name of an extent in the descriptor's own file does not count. */
static gboolean
write_descriptor (const LodgeVmdkStream *stream, GError **error)
{
  guint64 cylinders
      = (stream->sectors + HEADS * SECTORS_PER_TRACK - 1) / (HEADS * SECTORS_PER_TRACK);
  char id[ID_DIGITS + 1];
  g_autofree char *text = NULL;

  g_strlcpy (id, stream->id, sizeof id);
  /* ffffffff is "has no parent", and fffffffe is taken for something else, too. */
  if (g_str_has_prefix (id, "fffffff"))
    id[0] = 'e';
  text = g_strdup_printf ("# Disk DescriptorFile\n"
                          "version=1\n"
                          "encoding=\"UTF-8\"\n"
                          "CID=%s\n"
                          "parentCID=ffffffff\n"
                          "createType=\"streamOptimized\"\n"
                          "\n"
                          "# Extent description\n"
                          "RW %" G_GUINT64_FORMAT " SPARSE \"disk.vmdk\"\n"
                          "\n"
                          "# The Disk Data Base\n"
                          "#DDB\n"
                          "\n"
                          "ddb.adapterType = \"lsilogic\"\n"
                          "ddb.geometry.cylinders = \"%" G_GUINT64_FORMAT "\"\n"
                          "ddb.geometry.heads = \"%d\"\n"
                          "ddb.geometry.sectors = \"%d\"\n"
                          "ddb.longContentID = \"%s%s\"\n"
                          "ddb.toolsVersion = \"2147483647\"\n" /* the distribution's own */
                          "ddb.virtualHWVersion = \"" LODGE_VMWARE_HARDWARE "\"\n",
                          id, stream->sectors, MIN (cylinders, CYLINDERS_LIMIT), HEADS,
                          SECTORS_PER_TRACK, stream->id + ID_DIGITS, id);
  return write_at (stream, text, strlen (text), DESCRIPTOR_OFFSET, error);
}

static gboolean
write_tables (const LodgeVmdkStream *stream, GError **error)
{
  g_autofree guint8 *directory = g_malloc0 (directory_sectors (stream) * SECTOR_SIZE);

  for (guint i = 0; i < stream->tables; i++)
    put_32 (directory + 4 * i, (guint32)(stream->tables_offset + (guint64)i * TABLE_SECTORS));
  return write_at (stream, directory, directory_sectors (stream) * SECTOR_SIZE,
                   DESCRIPTOR_OFFSET + DESCRIPTOR_SECTORS, error)
         && write_at (stream, stream->entries, (gsize)stream->tables * TABLE_ENTRIES * 4,
                      stream->tables_offset, error);
}

gboolean
lodge_vmdk_stream_finish (LodgeVmdkStream *stream, GError **error)
{
  static const guint8 end_of_stream[SECTOR_SIZE]; /* a marker of type 0 and no length */

  return write_at (stream, end_of_stream, sizeof end_of_stream, stream->end, error)
         && write_tables (stream, error) && write_descriptor (stream, error)
         && write_header (stream, error);
}

void
lodge_vmdk_stream_free (LodgeVmdkStream *stream)
{
  if (stream == NULL)
    return;
  g_free (stream->path);
  g_free (stream->id);
  g_free (stream->entries);
  g_free (stream);
}
