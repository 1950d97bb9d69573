/* The root file system follows the device: an image is a few GiB, the stick that it was written to
 * is larger. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Grows the partition of / (or, when DEVICE is not NULL, the mounted partition DEVICE, "/dev/sdb4")
 * to the end of its disk, and the ext4 file system in it to the partition's size, while both are in
 * use.  The partition must be a plain one and the disk's last.  The backup GPT moves to the disk's
 * end.  Nothing else of the partition table changes, and a power cut at any instant leaves the old
 * or the new one, from which the next call goes on.  When there is nothing to grow it does nothing.
 *
 * REPORT receives one sentence that says what was done (free with g_free). */
gboolean lodge_grow_root (const char *device, char **report, GError **error);
