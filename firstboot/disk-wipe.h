/* Wiping: after it libblkid finds nothing on the disk, and the kernel knows no partition of it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Wipes every signature that libblkid finds between byte OFFSET and OFFSET + SIZE of FD (bad
 * checksums and backup copies included; partition tables too when PARTITIONS), each as it is found,
 * and looks again until there is none. */
gboolean lodge_wipe_signatures (int fd, guint64 offset, guint64 size, guint sector_size,
                                gboolean partitions, GError **error);

/* Zeros the first and the last MiB of FD: the entries of a partition table without its signature
 * are another table to the kernel (an extended DOS table was taken for one of an Atari). */
gboolean lodge_wipe_ends (int fd, guint64 size, GError **error);

/* Wipes the whole disk NAME (FD, SIZE bytes): what is in its partitions, where the first partition
 * will begin, the disk itself, and its ends; has the kernel forget the partitions, which is why FD
 * must hold the device exclusively. */
gboolean lodge_wipe_disk (const char *name, int fd, guint64 size, guint sector_size,
                          GError **error);
