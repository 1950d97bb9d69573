/* Directories kept the same as others, so that a power cut leaves each file old or new.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For what is small: a file is read whole.
 */
#pragma once

#include "firstboot/removed-guests.h"
#include "firstboot/store-directory.h"

/* Makes TARGET hold the regular files and directories that SOURCE holds.  Links, sockets and files
 * whose name begins with "." (locks) are left out.  What TARGET has beside them is moved to PLACE
 * in REMOVED; it stays when that is NULL, or when SOURCE is empty.  CHANGED (or NULL) counts what
 * was written and moved. */
gboolean lodge_copy_tree (const LodgeDirectory *source, const LodgeDirectory *target,
                          LodgeRemoved *removed, const char *place, guint *changed, GError **error);
