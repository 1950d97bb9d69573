/* The labels of an image's files, looked up while others work on the image.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/selinux-ahead.h"

#include <sys/stat.h>

#include "builder/ext2-directory.h"

typedef struct
{
  char *path;
  guint16 mode;
  char *label; /* or NULL */
} File;

struct _LodgeSelinuxAhead
{
  LodgeSelinuxContexts *contexts;
  GPtrArray *files;    /* of File; the thread alone has them while it runs */
  GHashTable *by_path; /* those that were looked up; the same */
  GCancellable *cancellable;
  GThread *thread;
  gint stop; /* atomic */
};

static void
file_free (gpointer data)
{
  File *file = data;

  g_free (file->path);
  g_free (file->label);
  g_free (file);
}

static gboolean
note_tree (LodgeSelinuxAhead *ahead, ext2_filsys filesystem, ext2_ino_t inode, const char *path,
           GError **error)
{
  struct ext2_inode content;
  errcode_t code = ext2fs_read_inode (filesystem, inode, &content);
  g_autoptr (GPtrArray) children = NULL;
  File *file;

  if (g_cancellable_set_error_if_cancelled (ahead->cancellable, error))
    return FALSE;
  if (code != 0)
    return lodge_ext2_error (error, code, "read %s in the image", path);
  file = g_new0 (File, 1);
  file->path = g_strdup (path);
  file->mode = content.i_mode;
  g_ptr_array_add (ahead->files, file);
  if (!LINUX_S_ISDIR (content.i_mode))
    return TRUE;
  children = lodge_ext2_children (filesystem, inode, path, error);
  for (guint i = 0; children != NULL && i < children->len; i++)
    {
      const LodgeExt2Child *child = g_ptr_array_index (children, i);

      if (!note_tree (ahead, filesystem, child->inode, child->path, error))
        return FALSE;
    }
  return children != NULL;
}

/* What cannot be looked up is left to who needs it, and can tell somebody. */
static gpointer
look_up (gpointer data)
{
  LodgeSelinuxAhead *ahead = data;

  for (guint i = 0; i < ahead->files->len; i++)
    {
      File *file = g_ptr_array_index (ahead->files, i);

      if (g_atomic_int_get (&ahead->stop) || g_cancellable_is_cancelled (ahead->cancellable))
        break;
      if (lodge_selinux_contexts_look_up (ahead->contexts, file->path, file->mode, &file->label,
                                          NULL))
        g_hash_table_insert (ahead->by_path, file->path, file);
    }
  return NULL;
}

LodgeSelinuxAhead *
lodge_selinux_ahead_start (const char *file, guint64 offset, const char *work,
                           GCancellable *cancellable, GError **error)
{
  g_autoptr (LodgeSelinuxAhead) ahead = g_new0 (LodgeSelinuxAhead, 1);
  g_auto (ext2_filsys) filesystem = lodge_ext2_open_to_read (file, offset, error);

  ahead->files = g_ptr_array_new_with_free_func (file_free);
  ahead->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  ahead->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  if (filesystem == NULL)
    return NULL;
  ahead->contexts = lodge_selinux_contexts_open (filesystem, work, error);
  if (ahead->contexts == NULL || !note_tree (ahead, filesystem, EXT2_ROOT_INO, "/", error))
    return NULL;
  ahead->thread = g_thread_new ("labels", look_up, ahead);
  return g_steal_pointer (&ahead);
}

void
lodge_selinux_ahead_free (LodgeSelinuxAhead *ahead)
{
  if (ahead == NULL)
    return;
  g_atomic_int_set (&ahead->stop, TRUE);
  g_clear_pointer (&ahead->thread, g_thread_join);
  g_clear_pointer (&ahead->contexts, lodge_selinux_contexts_free);
  g_hash_table_unref (ahead->by_path);
  g_ptr_array_unref (ahead->files);
  g_clear_object (&ahead->cancellable);
  g_free (ahead);
}

gboolean
lodge_selinux_ahead_wait (LodgeSelinuxAhead *ahead, const LodgeSelinuxContexts *contexts)
{
  if (!lodge_selinux_contexts_equal (ahead->contexts, contexts))
    return FALSE;
  g_clear_pointer (&ahead->thread, g_thread_join);
  return TRUE;
}

gboolean
lodge_selinux_ahead_find (const LodgeSelinuxAhead *ahead, const char *path, guint16 mode,
                          char **label)
{
  const File *file = g_hash_table_lookup (ahead->by_path, path);

  if (file == NULL || (file->mode & S_IFMT) != (mode & S_IFMT))
    return FALSE;
  *label = g_strdup (file->label);
  return TRUE;
}
