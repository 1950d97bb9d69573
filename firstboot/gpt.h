/* The GUID partition table as it lies on a disk, as far as it must be read without libparted.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Source: UEFI Specification 2.10, section 5.3.
 */
#pragma once

#include <glib.h>

/* Table 5.5; all integers are little-endian. */
typedef struct
{
  char signature[8];
  guint32 revision;
  guint32 header_size;
  guint32 header_crc32; /* of header_size bytes, this field taken as zero */
  guint32 reserved;
  guint64 my_lba;
  guint64 alternate_lba;
  guint64 first_usable_lba;
  guint64 last_usable_lba;
  guint8 disk_guid[16];
  guint64 entries_lba;
  guint32 n_entries;
  guint32 entry_size;
  guint32 entries_crc32;
} __attribute__ ((packed)) LodgeGptHeader;

/* Table 5.6. */
typedef struct
{
  guint8 type_guid[16]; /* all zero: the entry is not used */
  guint8 guid[16];
  guint64 first_lba;
  guint64 last_lba;
  guint64 attributes;
  guint8 name[72]; /* UTF-16LE */
} __attribute__ ((packed)) LodgeGptEntry;

#define LODGE_GPT_PRIMARY_LBA 1
#define LODGE_GPT_ENTRIES_LBA 2 /* where the primary entries usually are */

/* One copy of a table: the sector with the header, and the entries. */
typedef struct
{
  GBytes *header_sector;
  GBytes *entries; /* whole sectors */
  guint64 entries_lba;
  guint64 alternate_lba;
} LodgeGpt;

void lodge_gpt_free (LodgeGpt *gpt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeGpt, lodge_gpt_free)

/* Reads the table whose header is in sector LBA of FD, and checks it as the kernel does.  Tables
 * whose entries are not 128 bytes long, or more than 128, are refused: libparted writes no other.
 */
LodgeGpt *lodge_gpt_read (int fd, guint64 lba, guint sector_size, GError **error);

const LodgeGptHeader *lodge_gpt_header (const LodgeGpt *gpt);

/* Entry NUMBER, from 1; NULL when the table has no such entry. */
const LodgeGptEntry *lodge_gpt_entry (const LodgeGpt *gpt, guint number);

/* The header's sector with its entries said to be in sector ENTRIES_LBA (which must be before all
 * partitions), and the checksum made anew. */
GBytes *lodge_gpt_header_with_entries_at (const LodgeGpt *gpt, guint64 entries_lba);
