/* SELinux labels.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/selinux-label.h"

#include <errno.h>
#include <string.h>

#include "builder/ext2-directory.h"
#include "common/error.h"

#define ATTRIBUTE "security.selinux"

typedef struct
{
  ext2_filsys filesystem;
  LodgeSelinuxContexts *contexts;
  const LodgeSelinuxAhead *ahead; /* or NULL */
  GHashTable *linked;             /* inodes with several names that were labelled already */
  guint64 count;
  GCancellable *cancellable;
} Labeller;

/* --- one file --- */

static gboolean
set_label (Labeller *labeller, ext2_ino_t inode, const char *path, const char *label,
           GError **error)
{
  struct ext2_xattr_handle *attributes;
  errcode_t code = ext2fs_xattrs_open (labeller->filesystem, inode, &attributes);

  if (code == 0)
    {
      code = ext2fs_xattrs_read (attributes);
      /* With the NUL, as setfilecon(3) does. */
      if (code == 0)
        code = ext2fs_xattr_set (attributes, ATTRIBUTE, label, strlen (label) + 1);
      ext2fs_xattrs_close (&attributes);
    }
  if (code != 0)
    return lodge_ext2_error (error, code, "label %s in the image as %s", path, label);
  labeller->count++;
  return TRUE;
}

/* The label of PATH, or a copy of DIRECTORY_LABEL when it is to have none of its own.  NULL with
 * ERROR set when there is neither. */
static char *
find_label (const Labeller *labeller, const char *path, guint16 mode, const char *directory_label,
            GError **error)
{
  char *label = NULL;

  if ((labeller->ahead == NULL || !lodge_selinux_ahead_find (labeller->ahead, path, mode, &label))
      && !lodge_selinux_contexts_look_up (labeller->contexts, path, mode, &label, error))
    return NULL;
  if (label != NULL)
    return label;
  if (directory_label != NULL)
    return g_strdup (directory_label);
  lodge_error_set_errno (error, ENOENT, "look up the SELinux label of %s", path);
  return NULL;
}

/* --- all files --- */

static gboolean label_tree (Labeller *labeller, ext2_ino_t inode, const char *path,
                            const char *directory_label, GError **error);

static gboolean
label_children (Labeller *labeller, ext2_ino_t inode, const char *path, const char *label,
                GError **error)
{
  g_autoptr (GPtrArray) children = lodge_ext2_children (labeller->filesystem, inode, path, error);

  for (guint i = 0; children != NULL && i < children->len; i++)
    {
      const LodgeExt2Child *child = g_ptr_array_index (children, i);

      if (!label_tree (labeller, child->inode, child->path, label, error))
        return FALSE;
    }
  return children != NULL;
}

static gboolean
label_tree (Labeller *labeller, ext2_ino_t inode, const char *path, const char *directory_label,
            GError **error)
{
  struct ext2_inode content;
  errcode_t code = ext2fs_read_inode (labeller->filesystem, inode, &content);
  g_autofree char *label = NULL;

  if (g_cancellable_set_error_if_cancelled (labeller->cancellable, error))
    return FALSE;
  if (code != 0)
    return lodge_ext2_error (error, code, "read %s in the image", path);
  /* A file with several names keeps the label of the first one. */
  if (!LINUX_S_ISDIR (content.i_mode) && content.i_links_count > 1
      && !g_hash_table_add (labeller->linked, GUINT_TO_POINTER (inode)))
    return TRUE;
  label = find_label (labeller, path, content.i_mode, directory_label, error);
  if (label == NULL || !set_label (labeller, inode, path, label, error))
    return FALSE;
  return !LINUX_S_ISDIR (content.i_mode) || label_children (labeller, inode, path, label, error);
}

static gboolean
label_filesystem (Labeller *labeller, const char *work, LodgeSelinuxAhead *ahead, GError **error)
{
  g_autoptr (LodgeSelinuxContexts) contexts
      = lodge_selinux_contexts_open (labeller->filesystem, work, error);

  if (contexts == NULL)
    return FALSE;
  labeller->contexts = contexts;
  labeller->ahead = ahead != NULL && lodge_selinux_ahead_wait (ahead, contexts) ? ahead : NULL;
  return label_tree (labeller, EXT2_ROOT_INO, "/", NULL, error);
}

gboolean
lodge_selinux_label (const char *file, guint64 offset, const char *work, LodgeSelinuxAhead *ahead,
                     guint64 *count, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) linked = g_hash_table_new (NULL, NULL);
  g_auto (ext2_filsys) filesystem = lodge_ext2_open (file, offset, error);
  Labeller labeller = { .filesystem = filesystem, .linked = linked, .cancellable = cancellable };

  /* On failure nothing is written. */
  if (filesystem == NULL || !label_filesystem (&labeller, work, ahead, error)
      || !lodge_ext2_close (g_steal_pointer (&filesystem), error))
    {
      g_prefix_error (error, "SELinux: ");
      return FALSE;
    }
  if (count != NULL)
    *count = labeller.count;
  return TRUE;
}
