/* Reading the disks behind a screen: one that does not answer holds up its reader, for minutes or
 * for ever, and nobody else.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "firstboot/probe.h"

typedef struct _LodgeDiskReading LodgeDiskReading;

/* What the kernel calls its disks now, which ones they are, and the language that is spoken of
 * them, in lines; free with g_free. */
char *lodge_disk_reading_names (const LodgeProbe *probe);

/* Begins to read the disks, unless their names still are KNOWN (or NULL). */
LodgeDiskReading *lodge_disk_reading_start (const LodgeProbe *probe, const char *known);

/* Whether it is done, or is within MILLISECONDS. */
gboolean lodge_disk_reading_is_done (LodgeDiskReading *reading, guint milliseconds);

/* What was read by one that is done: *DISKS and *NAMES stay NULL when they are as known.  FALSE
 * with ERROR set when they cannot be read. */
gboolean lodge_disk_reading_take (LodgeDiskReading *reading, GPtrArray **disks, char **names,
                                  GError **error);

/* Nobody waits for it any more; it goes on by itself if it has to. */
void lodge_disk_reading_drop (LodgeDiskReading *reading);
