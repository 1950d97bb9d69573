/* SELinux labels.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/selinux-label.h"

#include <errno.h>
#include <selinux/label.h>
#include <selinux/selinux.h>
#include <string.h>

#include "builder/ext2-handle.h"
#include "builder/remove.h"
#include "common/error.h"
#include "common/file.h"

#define CONFIG "/etc/selinux/config"
#define ATTRIBUTE "security.selinux"

enum
{
  CONFIG_LIMIT = 1024 * 1024,        /* bytes */
  CONTEXTS_LIMIT = 64 * 1024 * 1024, /* bytes */
};

typedef struct
{
  ext2_filsys filesystem;
  struct selabel_handle *contexts;
  GHashTable *linked; /* inodes with several names that were labelled already */
  guint64 count;
  GCancellable *cancellable;
} Labeller;

/* --- the policy's own words --- */

/* The value of KEY in TEXT, lines "KEY=VALUE"; NULL when it is not there.  Free with g_free. */
static char *
config_value (const char *text, const char *key)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *prefix = g_strconcat (key, "=", NULL);

  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (g_strstrip (*line), prefix))
      return g_strdup (*line + strlen (prefix));
  return NULL;
}

/* Copies the texts of file_contexts to DIRECTORY.  Not its compiled form: that is for the libpcre
 * of the release. */
static gboolean
copy_contexts (ext2_filsys filesystem, const char *type, const char *directory, GError **error)
{
  static const char *const suffixes[] = { "", ".homedirs", ".local", ".subs", ".subs_dist" };

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path
          = g_strdup_printf ("/etc/selinux/%s/contexts/files/file_contexts%s", type, suffixes[i]);
      g_autofree char *target = g_strdup_printf ("%s/file_contexts%s", directory, suffixes[i]);
      g_autoptr (GError) failure = NULL;
      g_autofree char *text = lodge_ext2_read (filesystem, path, CONTEXTS_LIMIT, &failure);

      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if (text == NULL && *suffixes[i] == '\0')
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                "the image has no %s, so that no file can be labelled; its policy "
                                "is the package selinux-policy-%s",
                                path, type);
      if (text != NULL && !lodge_file_replace (target, text, -1, 0600, error))
        return FALSE;
    }
  return TRUE;
}

static struct selabel_handle *
open_contexts (ext2_filsys filesystem, const char *directory, GError **error)
{
  g_autofree char *config = lodge_ext2_read (filesystem, CONFIG, CONFIG_LIMIT, error);
  g_autofree char *type = config != NULL ? config_value (config, "SELINUXTYPE") : NULL;
  g_autofree char *path = g_build_filename (directory, "file_contexts", NULL);
  const struct selinux_opt options[]
      = { { SELABEL_OPT_PATH, path }, { SELABEL_OPT_VALIDATE, NULL } };
  struct selabel_handle *handle;

  if (type == NULL || strchr (type, '/') != NULL)
    {
      if (error == NULL || *error == NULL)
        lodge_error_set (error, LODGE_ERROR_FAILED,
                         CONFIG " in the image does not say SELINUXTYPE=: is the package "
                                "selinux-policy-targeted in the template?");
      return NULL;
    }
  if (!copy_contexts (filesystem, type, directory, error))
    return NULL;
  handle = selabel_open (SELABEL_CTX_FILE, options, G_N_ELEMENTS (options));
  if (handle == NULL)
    lodge_error_set_errno (error, errno, "read the image's file_contexts");
  return handle;
}

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
  char *found = NULL;
  char *label;

  if (selabel_lookup_raw (labeller->contexts, &found, path, mode) == 0)
    {
      label = g_strdup (found);
      freecon (found);
      return label;
    }
  if (errno == ENOENT && directory_label != NULL)
    return g_strdup (directory_label);
  lodge_error_set_errno (error, errno, "look up the SELinux label of %s", path);
  return NULL;
}

/* --- all files --- */

typedef struct
{
  ext2_ino_t inode;
  char *name;
} Child;

static void
child_free (gpointer data)
{
  Child *child = data;

  g_free (child->name);
  g_free (child);
}

static int
add_child (ext2_ino_t directory, int entry, struct ext2_dir_entry *dirent, int offset,
           int block_size, char *buffer, void *data)
{
  GPtrArray *children = data;
  int length = ext2fs_dirent_name_len (dirent);
  Child *child;

  (void)directory;
  (void)offset;
  (void)block_size;
  (void)buffer;
  if (entry != DIRENT_OTHER_FILE)
    return 0; /* "." and ".." */
  child = g_new (Child, 1);
  child->inode = dirent->inode;
  child->name = g_strndup (dirent->name, (gsize)length);
  g_ptr_array_add (children, child);
  return 0;
}

static gboolean label_tree (Labeller *labeller, ext2_ino_t inode, const char *path,
                            const char *directory_label, GError **error);

static gboolean
label_children (Labeller *labeller, ext2_ino_t inode, const char *path, const char *label,
                GError **error)
{
  g_autoptr (GPtrArray) children = g_ptr_array_new_with_free_func (child_free);
  errcode_t code = ext2fs_dir_iterate2 (labeller->filesystem, inode, 0, NULL, add_child, children);

  if (code != 0)
    return lodge_ext2_error (error, code, "read the directory %s in the image", path);
  for (guint i = 0; i < children->len; i++)
    {
      const Child *child = g_ptr_array_index (children, i);
      g_autofree char *child_path
          = g_strconcat (strcmp (path, "/") == 0 ? "" : path, "/", child->name, NULL);

      if (!label_tree (labeller, child->inode, child_path, label, error))
        return FALSE;
    }
  return TRUE;
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
label_filesystem (Labeller *labeller, const char *file, guint64 offset, const char *directory,
                  GError **error)
{
  gboolean done = FALSE;

  labeller->filesystem = lodge_ext2_open (file, offset, error);
  if (labeller->filesystem == NULL)
    return FALSE;
  labeller->contexts = open_contexts (labeller->filesystem, directory, error);
  if (labeller->contexts != NULL)
    {
      done = label_tree (labeller, EXT2_ROOT_INO, "/", NULL, error);
      selabel_close (labeller->contexts);
    }
  if (done)
    return lodge_ext2_close (labeller->filesystem, error);
  ext2fs_free (labeller->filesystem); /* without writing */
  return FALSE;
}

gboolean
lodge_selinux_label (const char *file, guint64 offset, const char *work, guint64 *count,
                     GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) linked = g_hash_table_new (NULL, NULL);
  Labeller labeller = { .linked = linked, .cancellable = cancellable };
  g_autofree char *directory = g_build_filename (work, "selinux-XXXXXX", NULL);
  gboolean done;

  if (g_mkdtemp (directory) == NULL)
    return lodge_error_set_errno (error, errno, "make a directory in %s", work);
  done = label_filesystem (&labeller, file, offset, directory, error);
  lodge_remove_tree (directory, NULL);
  if (!done)
    g_prefix_error (error, "SELinux: ");
  else if (count != NULL)
    *count = labeller.count;
  return done;
}
