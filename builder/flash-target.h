/* Which disks an image may be written to, and which one the user means.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "common/disks.h"

/* What an image of IMAGE_SIZE bytes (0: not known) is written to, for lodge_probe_disks_for(). */
LodgeDiskPurpose lodge_flash_purpose (guint64 image_size);

/* Why nothing may be written to DISK, as a sentence to stand behind its name, or NULL.  Beyond what
 * makes a disk unusable for anything (in use, read-only, too small …): what is built on it (a loop
 * device too), members of LVM, software RAID, ZFS and the like and swap, used or not; sectors that
 * are not of 512 bytes; devices that are no whole disk.  Free with g_free. */
char *lodge_flash_refusal (const LodgeProbe *probe, const LodgeDisk *disk);

/* Whether A and B are one disk: by name, or by the number that no two have (WWN), as a disk has
 * several names that is reached over several cables. */
gboolean lodge_flash_is_same (const LodgeDisk *a, const LodgeDisk *b);

/* The refusal of DISK when another of ALL (of LodgeDisk) is the same one and must not be written
 * to; NULL when there is none.  Free with g_free. */
char *lodge_flash_second_path (const LodgeProbe *probe, const GPtrArray *all,
                               const LodgeDisk *disk);

/* Why NOW is not the disk any more that was CONFIRMED to be overwritten, as what is on it differs:
 * another file system, or one with another UUID; NULL when it is.  Free with g_free. */
char *lodge_flash_change (const LodgeDisk *confirmed, const LodgeDisk *now);

/* What has to be typed, or given with --erase, for DISK to be overwritten: its serial number, or
 * its kernel name when it has none.  Owned by DISK. */
const char *lodge_flash_word (const LodgeDisk *disk);

/* Whether TEXT is that word; serial numbers are compared without regard to case. */
gboolean lodge_flash_word_matches (const LodgeDisk *disk, const char *text);

/* The whole disk that PATH ("/dev/sdb", or a link to it) names, as the kernel calls it.  A
 * partition, a name that no block device has and a file are errors that say what to give
 * (LODGE_ERROR_REFUSED for a partition, else LODGE_ERROR_USAGE).  Free with g_free. */
char *lodge_flash_target_name (const LodgeProbe *probe, const char *path, GError **error);

/* The list for people: a line for each of DISKS (of LodgeDisk), those that cannot be used with the
 * reason. */
char *lodge_flash_list (const LodgeProbe *probe, const GPtrArray *disks);
