/* The checksum file beside an image that is written to disks.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/progress.h"

/* Reads IMAGE and compares it with the checksum that NAME.sha256 or IMAGE.sha256 beside it has; one
 * that is another is an error.  Without such a file, or without a line in it that names the image,
 * nothing is read. */
gboolean lodge_flash_checksum (const char *image, LodgeProgress *progress,
                               GCancellable *cancellable, GError **error);
