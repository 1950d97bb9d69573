/* libblkid's handles, freed when they go out of scope.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <blkid/blkid.h>
#include <glib.h>

typedef struct blkid_struct_probe LodgeBlkidProbe;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeBlkidProbe, blkid_free_probe)
