/* Whether an image is as long as its own partition table says.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A copy that was cut off begins as the whole image does.  What is read here is not libfdisk's to
 * tell: it takes the header of a disk that ends too early for damaged, and sees no table at all.
 */
#include "builder/flash-length.h"
#include "builder/little-endian.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/error.h"
#include "common/size.h"

enum
{
  SECTOR = 512,
  /* UEFI specification 2.10, section 5.2.1: the table of a BIOS. */
  MBR_RECORDS = 446,
  MBR_RECORD_COUNT = 4,
  MBR_RECORD_SIZE = 16,
  MBR_ACTIVE = 0, /* of a record: 0x80 or 0 */
  MBR_TYPE = 4,
  MBR_FIRST = 8,
  MBR_COUNT = 12,
  MBR_PROTECTIVE = 0xee,
  /* Section 5.3.2: the header of a GPT, in sector 1. */
  GPT_OWN_PLACE = 24,
  GPT_BACKUP = 32,
  GPT_ENTRIES = 72,
  GPT_ENTRY_COUNT = 80,
  GPT_ENTRY_SIZE = 84,
  ENTRY_LAST = 40,
  ENTRY_SMALLEST = 128,
  ENTRY_LARGEST = 4096,
  ENTRIES_MOST = 1024, /* more are damage, not a table */
};

/* The end in bytes of what goes on to sector LAST; a number beyond any disk is damage. */
static guint64
end_of (guint64 last)
{
  return last < G_MAXINT64 / SECTOR ? (last + 1) * SECTOR : 0;
}

/* Where the last partition of a GPT ends; entries behind the file's end are told by the backup. */
static gboolean
find_entries_end (const LodgeFlashSource *source, const guint8 *header, guint64 *end,
                  GError **error)
{
  guint64 place = lodge_little_endian (header + GPT_ENTRIES, 8);
  guint64 count = lodge_little_endian (header + GPT_ENTRY_COUNT, 4);
  guint64 size = lodge_little_endian (header + GPT_ENTRY_SIZE, 4);
  g_autofree guint8 *entries = NULL;

  if (count > ENTRIES_MOST || size < ENTRY_SMALLEST || size > ENTRY_LARGEST || end_of (place) == 0
      || place * SECTOR + count * size > source->size)
    return TRUE;
  entries = g_malloc0 (count * size + 1);
  if (!lodge_flash_source_read (source, entries, count * size, place * SECTOR, error))
    return FALSE;
  for (guint64 i = 0; i < count; i++)
    {
      guint64 last = lodge_little_endian (entries + i * size + ENTRY_LAST, 8);

      if (last != 0)
        *end = MAX (*end, end_of (last));
    }
  return TRUE;
}

/* Sets *PROTECTIVE when the table is only there to protect a GPT.  Bytes that are none of a table,
 * as in the boot sector of a lone FAT file system, are passed over. */
static guint64
find_records_end (const guint8 *sector, gboolean *protective)
{
  guint64 end = 0;

  *protective = FALSE;
  for (guint i = 0; i < MBR_RECORD_COUNT; i++)
    {
      const guint8 *record = sector + MBR_RECORDS + i * MBR_RECORD_SIZE;
      guint64 count = lodge_little_endian (record + MBR_COUNT, 4);

      if ((record[MBR_ACTIVE] & 0x7f) != 0)
        return 0;
      if (record[MBR_TYPE] == MBR_PROTECTIVE)
        *protective = TRUE;
      else if (record[MBR_TYPE] != 0 && count != 0)
        end = MAX (end, (lodge_little_endian (record + MBR_FIRST, 4) + count) * SECTOR);
    }
  return end;
}

gboolean
lodge_flash_length_wanted (const LodgeFlashSource *source, guint64 *length, GError **error)
{
  guint8 sectors[2 * SECTOR];
  const guint8 *header = sectors + SECTOR;
  gboolean protective;

  *length = 0;
  if (!lodge_flash_source_read (source, sectors, sizeof sectors, 0, error))
    return FALSE;
  *length = find_records_end (sectors, &protective);
  if (!protective)
    return TRUE;
  *length = 0;
  if (memcmp (header, "EFI PART", 8) != 0 || lodge_little_endian (header + GPT_OWN_PLACE, 8) != 1)
    return TRUE;
  *length = end_of (lodge_little_endian (header + GPT_BACKUP, 8));
  return find_entries_end (source, header, length, error);
}

gboolean
lodge_flash_length_check (const LodgeFlashSource *source, GError **error)
{
  g_autofree char *wanted = NULL;
  g_autofree char *found = NULL;
  guint64 end;

  if (!lodge_flash_length_wanted (source, &end, error))
    return FALSE;
  if (end <= source->size)
    return TRUE;
  wanted = lodge_size_format (end);
  found = lodge_size_format (source->size);
  return lodge_error_set (
      error, LODGE_ERROR_USAGE,
      "%s was cut off: its partition table is of a disk of %s (%" G_GUINT64_FORMAT
      " bytes), and it has %s (%" G_GUINT64_FORMAT " bytes); copy or download it again",
      source->name, wanted, end, found, source->size);
}

gboolean
lodge_flash_length_check_file (const char *path, guint64 *size, GError **error)
{
  g_autoptr (LodgeFlashSource) source = NULL;
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "open %s", path);
  source = lodge_flash_source_new (fd, path, error);
  if (source == NULL)
    return FALSE;
  *size = source->size;
  return lodge_flash_length_check (source, error);
}
