/* What is in a directory of an ext4 file system inside a file.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/ext2-directory.h"

#include <string.h>

typedef struct
{
  GPtrArray *children;
  const char *parent; /* "" for the root */
} Reading;

static void
child_free (gpointer data)
{
  LodgeExt2Child *child = data;

  g_free (child->path);
  g_free (child);
}

static int
add_child (ext2_ino_t directory, int entry, struct ext2_dir_entry *dirent, int offset,
           int block_size, char *buffer, void *data)
{
  const Reading *reading = data;
  LodgeExt2Child *child;

  (void)directory;
  (void)offset;
  (void)block_size;
  (void)buffer;
  if (entry != DIRENT_OTHER_FILE)
    return 0; /* "." and ".." */
  child = g_new (LodgeExt2Child, 1);
  child->inode = dirent->inode;
  child->path
      = g_strdup_printf ("%s/%.*s", reading->parent, ext2fs_dirent_name_len (dirent), dirent->name);
  g_ptr_array_add (reading->children, child);
  return 0;
}

GPtrArray *
lodge_ext2_children (ext2_filsys filesystem, ext2_ino_t inode, const char *path, GError **error)
{
  g_autoptr (GPtrArray) children = g_ptr_array_new_with_free_func (child_free);
  Reading reading = { .children = children, .parent = strcmp (path, "/") == 0 ? "" : path };
  errcode_t code = ext2fs_dir_iterate2 (filesystem, inode, 0, NULL, add_child, &reading);

  if (code == 0)
    return g_steal_pointer (&children);
  lodge_ext2_error (error, code, "read the directory %s in the image", path);
  return NULL;
}
