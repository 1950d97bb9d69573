/* Which disk is the planned one: kernel names change between two boots, and disks are moved.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/plan.h"

/* What is on DISK, as LodgePlanDisk has it; free with g_strfreev. */
GStrv lodge_planned_disk_content (const LodgeDisk *disk);

/* LODGE_ERROR_REFUSED unless all that is on DISK was on it when setup was planned (less may be: an
 * interrupted run has begun to wipe it). */
gboolean lodge_planned_disk_check_content (const LodgeDisk *disk, const LodgePlanDisk *planned,
                                           GError **error);

/* The disk of DISKS (of LodgeDisk) that PLANNED names.  A planned serial number and WWN must both
 * be found; without either the path, and without that the kernel name, must be, on a disk that has
 * no serial number and no WWN either; of several with the planned serial number, the one at the
 * planned path is meant; the size must be equal always.  None: LODGE_ERROR_FAILED;
 * more than one, or one that has changed: LODGE_ERROR_REFUSED.  The result belongs to DISKS. */
const LodgeDisk *lodge_planned_disk_find (const GPtrArray *disks, const LodgePlanDisk *planned,
                                          GError **error);

/* "vdb (8.00 GiB, serial S1)": the planned disk, for messages; free with g_free. */
char *lodge_planned_disk_describe (const LodgePlanDisk *planned);
