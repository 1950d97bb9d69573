/* The partitions of an image that is written to disks.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/flash-source.h"
#include "builder/spans.h"

/* Where the partition called NAME lies, in bytes; FALSE when the table has none, or none that is
 * apart from the table itself. */
gboolean lodge_flash_partition_find (const LodgeFlashSource *source, const char *name,
                                     LodgeSpan *place);

/* The UUID, as blkid(8) writes it, of the file system of type TYPE ("ext4", "vfat") in PLACE of the
 * disk or image FD; NULL when there is another one, or none.  Free with g_free. */
char *lodge_flash_partition_uuid (int fd, const LodgeSpan *place, const char *type);

/* The UUIDs of the partition table and of its partitions, in lower and in upper case; never NULL.
 */
GStrv lodge_flash_partition_table_uuids (const LodgeFlashSource *source);
