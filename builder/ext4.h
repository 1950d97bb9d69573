/* The root file system as a part of a file, made and changed without mounting it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

typedef struct
{
  const char *file; /* sparse; has its final size */
  guint64 offset;   /* bytes; a multiple of the block size, 4096 */
  guint64 size;     /* bytes; a multiple of the block size */
  const char *uuid;
  const char *label;
  gint64 epoch; /* seconds since 1970: the time at which all this is done, for the file system; 0:
                   now. A file that was removed a moment ago is not overwritten by Linux at once, so
                   that what comes later would lie here or there (recently_deleted() in
                   fs/ext4/ialloc.c). */
} LodgeExt4;

/* Makes the file system with what is in TREE, owners as seen in the sandbox of HELPER.  Its
 * features are a fixed list that GRUB 2.06 and Linux 5.14 read, whatever the build machine's
 * mke2fs.conf says.  HASH_SEED is a UUID; WORK a directory for the configuration.  What FILE has at
 * its place must be a hole or zeros. */
gboolean lodge_ext4_make (const LodgeExt4 *ext4, const char *tree, const char *hash_seed,
                          const char *helper, const char *work, GCancellable *cancellable,
                          GError **error);

/* Gives a file system that is in EXT4->file already the UUID of EXT4. */
gboolean lodge_ext4_set_uuid (const LodgeExt4 *ext4, GCancellable *cancellable, GError **error);

/* Adds the file PATH ("/boot/initrd.img"), which is not there yet, with the content of the file
 * SOURCE; it belongs to root and has MODE.  WORK is a directory for a temporary file. */
gboolean lodge_ext4_add (const LodgeExt4 *ext4, const char *path, const char *source, int mode,
                         const char *work, GCancellable *cancellable, GError **error);

/* Replaces the content of the file PATH ("/etc/fstab") by TEXT; it belongs to root then and is
 * 0644. WORK is a directory for a temporary file. */
gboolean lodge_ext4_replace (const LodgeExt4 *ext4, const char *path, const char *text,
                             const char *work, GCancellable *cancellable, GError **error);
