/* What is on a disk, asked of libblkid through the open device, right before something is decided
 * on it. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/partition-table.h"

/* The name of the one partition of a storage disk: how Lodge knows its own. */
#define LODGE_STORAGE_PARTITION_NAME "lodge-storage"

typedef enum
{
  LODGE_DISK_STATE_BLANK, /* nothing that libblkid knows, and no data (disk-data.h) */
  LODGE_DISK_STATE_DATA,  /* nothing that libblkid knows, but data: what is left of a disk whose
                           * table was deleted, say */
  LODGE_DISK_STATE_STORAGE_EMPTY, /* the one partition "lodge-storage", with nothing known in it;
                                   * its table may be half written */
  LODGE_DISK_STATE_STORAGE,       /* the same with an XFS file system in it */
  LODGE_DISK_STATE_OTHER,
} LodgeDiskStateKind;

typedef struct
{
  LodgeDiskStateKind kind;
  LodgeExtent partition; /* of the two storage kinds */
  char *uuid;            /* of STORAGE's file system */
  char *what;            /* types as libblkid names them, "gpt, ext4"; "" when blank */
} LodgeDiskState;

/* Reads the disk (or image file) FD of SIZE bytes.  Bad checksums, tables without a protective MBR
 * and several signatures in one place all count as content. */
LodgeDiskState *lodge_disk_state_read (int fd, guint64 size, guint sector_size, GError **error);

/* Whether nothing that matters differs between the two. */
gboolean lodge_disk_state_equal (const LodgeDiskState *a, const LodgeDiskState *b);

void lodge_disk_state_free (LodgeDiskState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeDiskState, lodge_disk_state_free)
