/* How long a compressed image is once it is unpacked, by what its own file says of it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file may be several streams, which are unpacked one after the other: the length is that of all.
 */
#include "builder/flash-packed.h"
#include "builder/little-endian.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum
{
  /* RFC 8878, section 3.1. */
  ZSTD_MAGIC_SIZE = 4,
  ZSTD_HEADER_MOST = 14, /* descriptor, window, dictionary and content size */
  ZSTD_BLOCK_HEADER = 3,
  ZSTD_BLOCK_RLE = 1, /* a type of block: one byte that stands for many */
  ZSTD_CHECKSUM = 4,
  /* xz file format 1.2, sections 2.1 and 4. */
  XZ_HEADER = 12,
  XZ_FOOTER = 12,
  XZ_CRC = 4,
  XZ_INDEX_MOST = 16 * 1024 * 1024, /* bytes; an index has some for each block */
};
#define ZSTD_MAGIC 0xfd2fb528U
#define ZSTD_SKIPPED 0x184d2a50U /* and the 15 after it */
#define LENGTH_MOST (G_GUINT64_CONSTANT (1) << 60)

typedef struct
{
  int fd;
  guint64 size; /* bytes */
} File;

static gboolean
read_at (const File *file, guint64 offset, void *buffer, gsize length)
{
  return offset <= file->size && length <= file->size - offset
         && TEMP_FAILURE_RETRY (pread (file->fd, buffer, length, (off_t)offset)) == (ssize_t)length;
}

/* --- zstd --- */

/* Moves *OFFSET from the header of a frame's first block behind its last. */
static gboolean
pass_blocks (const File *file, guint64 *offset)
{
  for (;;)
    {
      guint8 bytes[ZSTD_BLOCK_HEADER];
      guint64 header;

      if (!read_at (file, *offset, bytes, sizeof bytes))
        return FALSE;
      header = lodge_little_endian (bytes, sizeof bytes);
      *offset += sizeof bytes + ((header >> 1 & 3) == ZSTD_BLOCK_RLE ? 1 : header >> 3);
      if ((header & 1) != 0)
        return TRUE;
    }
}

/* Adds the frame at *OFFSET, behind its magic number, to *LENGTH. */
static gboolean
add_frame (const File *file, guint64 *offset, guint64 *length)
{
  static const guint dictionaries[] = { 0, 1, 2, 4 };
  static const guint contents[] = { 0, 2, 4, 8 };
  guint8 header[ZSTD_HEADER_MOST] = { 0 };
  gsize available = (gsize)MIN (sizeof header, file->size - *offset);
  gboolean single;
  guint content;
  guint place;

  if (!read_at (file, *offset, header, available))
    return FALSE;
  single = (header[0] >> 5 & 1) != 0;
  place = 1 + (single ? 0 : 1) + dictionaries[header[0] & 3];
  content = contents[header[0] >> 6];
  if (content == 0 && single)
    content = 1;
  if (content == 0)
    return FALSE;
  *length += lodge_little_endian (header + place, content) + (content == 2 ? 256 : 0);
  *offset += place + content;
  if (*length > LENGTH_MOST || !pass_blocks (file, offset))
    return FALSE;
  if ((header[0] >> 2 & 1) != 0)
    *offset += ZSTD_CHECKSUM;
  return *offset <= file->size;
}

static guint64
find_zstd (const File *file)
{
  guint64 offset = 0;
  guint64 length = 0;

  while (offset < file->size)
    {
      guint8 start[2 * ZSTD_MAGIC_SIZE] = { 0 };
      guint64 magic;

      if (!read_at (file, offset, start, sizeof start))
        return 0;
      magic = lodge_little_endian (start, ZSTD_MAGIC_SIZE);
      if ((magic & ~15U) == ZSTD_SKIPPED)
        offset += sizeof start + lodge_little_endian (start + ZSTD_MAGIC_SIZE, 4);
      else if (magic == ZSTD_MAGIC)
        {
          offset += ZSTD_MAGIC_SIZE;
          if (!add_frame (file, &offset, &length))
            return 0;
        }
      else
        return 0;
    }
  return offset == file->size ? length : 0;
}

/* --- xz --- */

static gboolean
is_checked (const guint8 *bytes, gsize length, const guint8 *crc)
{
  return crc32 (0, bytes, (uInt)length) == lodge_little_endian (crc, XZ_CRC);
}

/* The number of seven bits a byte at *PLACE of the LENGTH bytes of INDEX (section 1.2). */
static gboolean
read_multibyte (const guint8 *index, gsize length, gsize *place, guint64 *number)
{
  *number = 0;
  for (guint shift = 0; shift < 63; shift += 7)
    {
      guint8 byte;

      if (*place >= length)
        return FALSE;
      byte = index[(*place)++];
      *number |= (guint64)(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        return TRUE;
    }
  return FALSE;
}

/* INDEX (LENGTH bytes without its checksum): what its blocks take in the file and unpacked. */
static gboolean
read_index (const guint8 *index, gsize length, guint64 *packed, guint64 *unpacked)
{
  gsize place = 1;
  guint64 records;

  *packed = 0;
  *unpacked = 0;
  if (index[0] != 0 || !read_multibyte (index, length, &place, &records))
    return FALSE;
  for (guint64 i = 0; i < records; i++)
    {
      guint64 block;
      guint64 content;

      if (!read_multibyte (index, length, &place, &block)
          || !read_multibyte (index, length, &place, &content) || block > LENGTH_MOST
          || content > LENGTH_MOST)
        return FALSE;
      *packed += (block + 3) & ~G_GUINT64_CONSTANT (3);
      *unpacked += content;
      if (*packed > LENGTH_MOST || *unpacked > LENGTH_MOST)
        return FALSE;
    }
  return TRUE;
}

/* Takes the stream that ends at *END off the file, and adds it to *LENGTH. */
static gboolean
take_stream (const File *file, guint64 *end, guint64 *length)
{
  g_autofree guint8 *index = NULL;
  guint8 footer[XZ_FOOTER];
  guint64 packed;
  guint64 unpacked;
  gsize size;

  if (*end < XZ_HEADER + XZ_FOOTER || !read_at (file, *end - XZ_FOOTER, footer, sizeof footer)
      || memcmp (footer + 10, "YZ", 2) != 0 || !is_checked (footer + 4, 6, footer))
    return FALSE;
  size = (gsize)(lodge_little_endian (footer + 4, 4) + 1) * 4;
  if (size > XZ_INDEX_MOST || size + XZ_HEADER + XZ_FOOTER > *end)
    return FALSE;
  index = g_malloc (size);
  if (!read_at (file, *end - XZ_FOOTER - size, index, size)
      || !is_checked (index, size - XZ_CRC, index + size - XZ_CRC)
      || !read_index (index, size - XZ_CRC, &packed, &unpacked)
      || packed > *end - XZ_HEADER - XZ_FOOTER - size)
    return FALSE;
  *end -= XZ_HEADER + packed + size + XZ_FOOTER;
  *length += unpacked;
  return *length <= LENGTH_MOST;
}

static guint64
find_xz (const File *file)
{
  guint64 end = file->size;
  guint64 length = 0;

  while (end > 0)
    {
      guint8 word[4];

      /* Zeros may stand behind a stream (section 2.2). */
      while (end >= sizeof word && read_at (file, end - sizeof word, word, sizeof word)
             && lodge_little_endian (word, sizeof word) == 0)
        end -= sizeof word;
      if (!take_stream (file, &end, &length))
        return 0;
    }
  return length;
}

guint64
lodge_flash_packed_length (const char *image, const char *compression)
{
  File file = { .fd = open (image, O_RDONLY | O_CLOEXEC | O_NONBLOCK) };
  struct stat status;
  guint64 length = 0;

  if (file.fd < 0)
    return 0;
  if (fstat (file.fd, &status) == 0 && S_ISREG (status.st_mode))
    {
      file.size = (guint64)status.st_size;
      if (strcmp (compression, ".zst") == 0)
        length = find_zstd (&file);
      else if (strcmp (compression, ".xz") == 0)
        length = find_xz (&file);
    }
  close (file.fd);
  return length;
}
