/* Reading the disks behind a screen: one that does not answer holds up its reader and nobody else.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/background.h"
#include "firstboot/probe.h"

/* What the kernel calls its disks now, which ones they are, and the language that is spoken of
 * them, in lines; free with g_free. */
char *lodge_disk_reading_names (const LodgeProbe *probe);

/* Begins to read the disks, unless their names still are KNOWN (or NULL). */
LodgeBackground *lodge_disk_reading_start (const LodgeProbe *probe, const char *known);

/* What was read by one that is done: *DISKS and *NAMES stay NULL when they are as known.  FALSE
 * with ERROR set when they cannot be read. */
gboolean lodge_disk_reading_take (LodgeBackground *reading, GPtrArray **disks, char **names,
                                  GError **error);
