/* What is in a directory of an ext4 file system inside a file.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/ext2-handle.h"

typedef struct
{
  ext2_ino_t inode;
  char *path; /* from the file system's root */
} LodgeExt2Child;

/* The entries (LodgeExt2Child) of the directory INODE at PATH but for "." and "..", in their order
 * there.  Free with g_ptr_array_unref. */
GPtrArray *lodge_ext2_children (ext2_filsys filesystem, ext2_ino_t inode, const char *path,
                                GError **error);
