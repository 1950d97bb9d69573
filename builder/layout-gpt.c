/* The GPT of an image.  Everything starts and ends on a MiB: every stick's erase block and every
 * sector size divides it (UEFI specification 2.10, section 5.3, leaves alignment to us).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/layout-gpt.h"

#define MEBIBYTE (G_GUINT64_CONSTANT (1) << 20)

/* Kept free at both ends: the table and its backup need 34 sectors each (17 KiB, with 4096-byte
 * sectors 24 KiB); partitions begin at the next MiB. */
#define RESERVED MEBIBYTE
#define ROOT_MINIMUM (1024 * MEBIBYTE)

typedef struct
{
  const char *name;
  const char *type_guid;
  guint64 size; /* bytes; 0: what is left */
  const char *filesystem;
  const char *label;
} Row;

static const Row rows[LODGE_N_PARTITIONS] = {
  /* GRUB's core image for BIOS. */
  [LODGE_PARTITION_BIOS]
  = { "bios", "21686148-6449-6E6F-744E-656564454649", 1 * MEBIBYTE, NULL, NULL },
  /* EFI system partition. */
  [LODGE_PARTITION_ESP]
  = { "ESP", "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", 256 * MEBIBYTE, "vfat", "ESP" },
  /* Microsoft basic data, so that Windows and macOS open it. */
  [LODGE_PARTITION_LODGE]
  = { "LODGE", "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", 64 * MEBIBYTE, "vfat", "LODGE" },
  /* Root for x86-64 (Discoverable Partitions Specification). */
  [LODGE_PARTITION_ROOT]
  = { "root", "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", 0, "ext4", "lodge-root" },
};

guint64
lodge_layout_gpt_minimum (void)
{
  guint64 size = 2 * RESERVED + ROOT_MINIMUM;

  for (guint i = 0; i < LODGE_N_PARTITIONS; i++)
    size += rows[i].size;
  return size;
}

void
lodge_layout_gpt (guint64 size, LodgePartition partitions[LODGE_N_PARTITIONS])
{
  guint64 start = RESERVED;

  for (guint i = 0; i < LODGE_N_PARTITIONS; i++)
    {
      guint64 rest = size - RESERVED - start; /* root is the last one */

      partitions[i] = (LodgePartition){
        .name = rows[i].name,
        .type_guid = rows[i].type_guid,
        .start = start,
        .size = rows[i].size == 0 ? rest : rows[i].size,
        .filesystem = rows[i].filesystem,
        .label = rows[i].label,
      };
      start += partitions[i].size;
    }
}
