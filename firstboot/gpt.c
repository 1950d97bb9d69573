/* The GUID partition table as it lies on a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/gpt.h"
#include "common/error.h"
#include "common/sectors.h"

#include <stddef.h>
#include <string.h>

G_STATIC_ASSERT (sizeof (LodgeGptHeader) == 92);
G_STATIC_ASSERT (sizeof (LodgeGptEntry) == 128);

/* CRC-32 as in Ethernet and zlib. */
static guint32
crc32_of (const guint8 *data, gsize length)
{
  guint32 crc = 0xffffffff;

  for (gsize i = 0; i < length; i++)
    {
      crc ^= data[i];
      for (int bit = 0; bit < 8; bit++)
        crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
  return ~crc;
}

static guint32
header_crc32 (const guint8 *sector, gsize header_size)
{
  g_autofree guint8 *copy = g_memdup2 (sector, header_size);

  memset (copy + offsetof (LodgeGptHeader, header_crc32), 0, sizeof (guint32));
  return crc32_of (copy, header_size);
}

void
lodge_gpt_free (LodgeGpt *gpt)
{
  if (gpt == NULL)
    return;
  g_clear_pointer (&gpt->header_sector, g_bytes_unref);
  g_clear_pointer (&gpt->entries, g_bytes_unref);
  g_free (gpt);
}

const LodgeGptHeader *
lodge_gpt_header (const LodgeGpt *gpt)
{
  return g_bytes_get_data (gpt->header_sector, NULL);
}

const LodgeGptEntry *
lodge_gpt_entry (const LodgeGpt *gpt, guint number)
{
  const LodgeGptEntry *entries = g_bytes_get_data (gpt->entries, NULL);

  if (number < 1 || number > GUINT32_FROM_LE (lodge_gpt_header (gpt)->n_entries))
    return NULL;
  return &entries[number - 1];
}

/* What is wrong with the header in SECTOR, or NULL. */
static const char *
find_header_fault (const guint8 *sector, guint sector_size, guint64 lba)
{
  const LodgeGptHeader *header = (const LodgeGptHeader *)sector;
  guint32 header_size = GUINT32_FROM_LE (header->header_size);

  if (memcmp (header->signature, "EFI PART", sizeof header->signature) != 0)
    return "there is no GUID partition table";
  if (header_size < sizeof *header || header_size > sector_size)
    return "the header's size is wrong";
  if (header_crc32 (sector, header_size) != GUINT32_FROM_LE (header->header_crc32))
    return "the header's checksum is wrong";
  if (GUINT64_FROM_LE (header->my_lba) != lba)
    return "the header belongs in another sector";
  if (GUINT32_FROM_LE (header->entry_size) != sizeof (LodgeGptEntry)
      || GUINT32_FROM_LE (header->n_entries) == 0 || GUINT32_FROM_LE (header->n_entries) > 128)
    return "the table has an unusual number or size of entries";
  return NULL;
}

LodgeGpt *
lodge_gpt_read (int fd, guint64 lba, guint sector_size, GError **error)
{
  g_autoptr (LodgeGpt) gpt = g_new0 (LodgeGpt, 1);
  const LodgeGptHeader *header;
  const char *fault;
  gsize entries_size;

  gpt->header_sector = lodge_sectors_read (fd, lba * sector_size, sector_size, error);
  if (gpt->header_sector == NULL)
    return NULL;
  header = lodge_gpt_header (gpt);
  fault = find_header_fault ((const guint8 *)header, sector_size, lba);
  if (fault != NULL)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED, "sector %" G_GUINT64_FORMAT ": %s", lba, fault);
      return NULL;
    }
  gpt->entries_lba = GUINT64_FROM_LE (header->entries_lba);
  gpt->alternate_lba = GUINT64_FROM_LE (header->alternate_lba);
  entries_size = GUINT32_FROM_LE (header->n_entries) * sizeof (LodgeGptEntry);
  gpt->entries
      = lodge_sectors_read (fd, gpt->entries_lba * sector_size,
                            (entries_size + sector_size - 1) / sector_size * sector_size, error);
  if (gpt->entries == NULL)
    return NULL;
  if (crc32_of (g_bytes_get_data (gpt->entries, NULL), entries_size)
      != GUINT32_FROM_LE (header->entries_crc32))
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "sector %" G_GUINT64_FORMAT ": the partition entries' checksum is wrong",
                       gpt->entries_lba);
      return NULL;
    }
  return g_steal_pointer (&gpt);
}

GBytes *
lodge_gpt_header_with_entries_at (const LodgeGpt *gpt, guint64 entries_lba)
{
  gsize size, entries_size;
  const void *old = g_bytes_get_data (gpt->header_sector, &size);
  /* Not in one expression: which argument is evaluated first is the compiler's choice. */
  g_autofree guint8 *sector = g_memdup2 (old, size);
  LodgeGptHeader *header;
  guint64 after_entries;

  g_bytes_get_data (gpt->entries, &entries_size);
  header = (LodgeGptHeader *)sector;
  header->entries_lba = GUINT64_TO_LE (entries_lba);
  after_entries = entries_lba + entries_size / size;
  if (GUINT64_FROM_LE (header->first_usable_lba) < after_entries)
    header->first_usable_lba = GUINT64_TO_LE (after_entries);
  header->header_crc32
      = GUINT32_TO_LE (header_crc32 (sector, GUINT32_FROM_LE (header->header_size)));
  return g_bytes_new_take (g_steal_pointer (&sector), size);
}
