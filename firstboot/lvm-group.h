/* Which disks an LVM volume group lies on, as LVM itself tells: what libblkid reads from a physical
 * volume is that volume's UUID, not the group's. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* libblkid's type of a physical volume. */
#define LODGE_LVM_MEMBER "LVM2_member"

/* One physical volume. */
typedef struct
{
  char *group;  /* the volume group's UUID; "" when it is in none */
  char *device; /* as LVM names it, "/dev/sdb1"; "[unknown]" when it is missing */
  GStrv disks;  /* names of the disks that it lies on; empty when it is missing */
} LodgeLvmVolume;

/* Reads a line of `pvs --noheadings --separator "|" -o vg_uuid,pv_name`, without `disks`; NULL for
 * a line that is none. */
LodgeLvmVolume *lodge_lvm_volume_parse (const char *line);
void lodge_lvm_volume_free (LodgeLvmVolume *volume);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeLvmVolume, lodge_lvm_volume_free)

/* Of VOLUMES (of LodgeLvmVolume) the first that is in a group with one on DISK and lies on a disk
 * that is not in ALLOWED, or is missing; NULL when there is none.  *KNOWN tells whether any volume
 * is on DISK at all. */
const LodgeLvmVolume *lodge_lvm_find_kept (const GPtrArray *volumes, const char *disk,
                                           const GPtrArray *allowed, gboolean *known);

/* LODGE_ERROR_REFUSED when a volume group of the running machine that has a part on DISK has
 * another on a disk that is not in ALLOWED (names of disks), or one that is missing, or when LVM
 * cannot be asked. */
gboolean lodge_lvm_check_group (const char *disk, const GPtrArray *allowed, GError **error);
