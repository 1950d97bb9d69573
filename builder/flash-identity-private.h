/* What names an image's file systems, for those who look for it and change it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/flash-identity.h"
#include "builder/spans.h"

enum
{
  ROOT,
  FIRST_FAT,
  FATS = 2,
  FILE_SYSTEMS = FIRST_FAT + FATS,
};

enum
{
  SECTOR = 512,
  /* Microsoft's FAT specification, version 1.03, section 3.3. */
  FAT_BACKUP = 50, /* BPB_BkBootSec: the sector of the copy */
  FAT_SERIAL = 67, /* BS_VolID */
  FAT_TYPE = 82,   /* BS_FilSysType */
  FAT_SERIAL_SIZE = 4,
};

struct _LodgeFlashIdentity
{
  LodgeSpan root;
  LodgeSpan fats[FATS]; /* ESP and LODGE */
  /* What the file systems are called: the root's UUID, then the FATs' ("ABCD-1234"). */
  char *names[FILE_SYSTEMS];
  GArray *mentions; /* of LodgeFlashMention; `word` is an index of names */
  gboolean names_table;
  char *tune2fs;
  char *e2fsck;
};
