/* Whether a disk without any signature holds data all the same.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was deleted with its partition table (`diskpart clean` clears a MiB at either end) can be
 * had back as long as nothing is written.  So the first 4 MiB and the last MiB are read whole, and
 * samples everywhere else: of each of the first 512 MiB, where partitions begin, and a thousand of
 * the rest.
 */
#pragma once

#include <glib.h>

/* Reads the disk (or image file) FD of SIZE bytes.  *EMPTY receives whether each place that was
 * looked at holds nothing but zeros, or nothing but ones, as erased flash does.  Both ends are read
 * in any case, and what cannot be read is an error; it does not name the disk. */
gboolean lodge_disk_data_probe (int fd, guint64 size, gboolean *empty, GError **error);
