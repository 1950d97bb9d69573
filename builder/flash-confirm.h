/* Is it the right disk?  The user has to say so before it is overwritten.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include "common/disks.h"

/* Of each of TARGETS (of LodgeDisk) what flash-target.h calls its word must be among ERASE (or
 * NULL) or, with MAY_ASK and on a terminal, be typed after its content was shown.
 * LODGE_ERROR_REFUSED otherwise, and for one of ERASE that is none of theirs. */
gboolean lodge_flash_confirm (const GPtrArray *targets, char **erase, gboolean may_ask,
                              GCancellable *cancellable, GError **error);
