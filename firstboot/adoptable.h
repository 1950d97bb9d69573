/* Which disks are Lodge's VM storage beyond doubt, so that they can be adopted.  Pure.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/probe.h"

/* The file system on DISK (of the last probe) when that is what the layout "xfs" makes and nothing
 * else: a GPT with the one partition "lodge-storage", in it an XFS file system "lodge-vms" with a
 * UUID, and no other signature.  Stricter than what is protected from being erased (disk-erase.h),
 * where one of the marks is enough.  NULL otherwise.  The result belongs to DISK. */
const LodgeSignature *lodge_disk_adoptable (const LodgeDisk *disk);

/* Why lodge_disk_adoptable() is NULL, as a clause about the disk ("is not …"); free with g_free. */
char *lodge_disk_not_adoptable_clause (const LodgeDisk *disk);

/* Another disk of DISKS with a file system of the same UUID, or NULL: one is a copy of the other,
 * and a mount by UUID could take either. */
const LodgeDisk *lodge_disk_find_copy (const GPtrArray *disks, const LodgeDisk *disk);
