/* What the file systems in an image do not use: a disk may hold there what it likes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Adds to FREE (spans.h) the parts of the raw disk image IMAGE (open as FD) that are free space
 * of its ext4 and FAT32 file systems.  What is not known to be free is not added: other file
 * systems, one whose journal is still to be replayed, everything outside of partitions, the whole
 * disk when partitions overlap or there is no table. */
gboolean lodge_flash_free (int fd, const char *image, GArray *free, GError **error);

/* flash-free-ext4.c: the file system in SIZE bytes at OFFSET.  Blocks that its block bitmap says
 * are used, the journal, the inode tables and the reserved group descriptors among them, must hold
 * what the image has, zeros included. */
gboolean lodge_flash_free_ext4 (const char *image, guint64 offset, guint64 size, GArray *free,
                                GError **error);

/* flash-free-fat.c: the same for FAT32. */
gboolean lodge_flash_free_fat (int fd, const char *image, guint64 offset, guint64 size,
                               GArray *free, GError **error);
