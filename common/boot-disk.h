/* Which disks the running system stands on, by the ancestry of everything mounted and of swap.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "common/disks.h"

/* Why each disk that is in use is in use: kernel name of the disk -> sentence for
 * LodgeDisk.unusable, the gravest first (the boot disk before a mount, a mount before swap).  NULL
 * with ERROR when the mounts cannot be read: then no disk may be thought free. */
GHashTable *lodge_disks_in_use (const LodgeProbe *probe, GError **error);
