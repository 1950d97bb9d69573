/* Finished file systems without traces of when they were made.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The appliance's kernel writes files with its clock's times and, in ext4, random numbers.  Two
 * builds of the same inputs shall give the same bytes, so these are put in order afterwards, in the
 * image file.  Nothing may have the file systems mounted.
 */
#pragma once

#include <glib.h>

/* In the ext4 file system in the file IMAGE at byte OFFSET: every time later than EPOCH (seconds
 * since 1970) becomes that, and so does every time of access, and of change of a directory; inodes
 * have generation and version 0, those of removed files are empty, and the superblock's own records
 * of use (mounts, writes) are as of a new file system. */
gboolean lodge_disk_times_ext4 (const char *image, guint64 offset, gint64 epoch, GError **error);

/* In the FAT32 file system at OFFSET: every entry gets EPOCH for its times, which FAT has from 1980
 * on; entries of removed files are empty. */
gboolean lodge_disk_times_fat (const char *image, guint64 offset, gint64 epoch, GError **error);
