/* Whether an image is as long as its own partition table says.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/flash-source.h"

/* Refuses a SOURCE that ends before the disk that its GPT describes, or before the end of one of
 * its partitions: a copy that was cut off. */
gboolean lodge_flash_length_check (const LodgeFlashSource *source, GError **error);

/* The same of the raw image PATH, which is neither packed nor converted; *SIZE becomes its bytes.
 */
gboolean lodge_flash_length_check_file (const char *path, guint64 *size, GError **error);

/* *LENGTH becomes the bytes that the partition table of SOURCE wants, 0 when there is none. */
gboolean lodge_flash_length_wanted (const LodgeFlashSource *source, guint64 *length,
                                    GError **error);
