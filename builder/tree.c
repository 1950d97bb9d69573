/* Reading and writing in a tree.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/error.h"

enum
{
  LIMIT = 16 * 1024 * 1024, /* bytes of a file that is read */
};

static int
open_in (const char *tree, const char *path, int flags)
{
  struct open_how how = { .flags = (guint64)(flags | O_CLOEXEC), .resolve = RESOLVE_IN_ROOT };
  int top = open (tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int fd;
  int saved;

  if (top < 0)
    return -1;
  fd = (int)syscall (SYS_openat2, top, *path != '\0' ? path : ".", &how, sizeof how);
  saved = errno;
  close (top);
  errno = saved;
  return fd;
}

/* mkdirat(2) with exactly MODE: packages do not mend what the caller's umask took away. */
static gboolean
make_in (int parent, const char *name, mode_t mode)
{
  int fd;
  gboolean done;
  int saved;

  if (mkdirat (parent, name, mode) != 0)
    return errno == EEXIST;
  fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  done = fd >= 0 && fchmod (fd, mode) == 0;
  saved = errno;
  if (fd >= 0)
    close (fd);
  errno = saved;
  return done;
}

/* The directory that holds PATH, made with those above it. */
static int
open_parent (const char *tree, const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (directory);
  int parent;
  gboolean made;
  int saved;

  if (strcmp (directory, ".") == 0)
    return open_in (tree, "", O_PATH | O_DIRECTORY);
  parent = open_in (tree, directory, O_PATH | O_DIRECTORY);
  if (parent >= 0 || errno != ENOENT)
    return parent;
  parent = open_parent (tree, directory);
  if (parent < 0)
    return -1;
  made = make_in (parent, name, 0755);
  saved = errno;
  close (parent);
  errno = saved;
  return made ? open_in (tree, directory, O_PATH | O_DIRECTORY) : -1;
}

static gboolean
write_all (int fd, const char *text, gsize length)
{
  while (length > 0)
    {
      ssize_t written = TEMP_FAILURE_RETRY (write (fd, text, length));

      if (written < 0)
        return FALSE;
      text += written;
      length -= (gsize)written;
    }
  return TRUE;
}

static gboolean
write_in (int parent, const char *name, const char *text, gsize length, int mode)
{
  int fd;
  gboolean done;
  int saved;

  if (unlinkat (parent, name, 0) != 0 && errno != ENOENT)
    return FALSE;
  fd = openat (parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return FALSE;
  done = write_all (fd, text, length) && fchmod (fd, (mode_t)mode) == 0;
  saved = errno;
  close (fd);
  errno = saved;
  return done;
}

gboolean
lodge_tree_write_bytes (const char *tree, const char *path, const char *text, gsize length,
                        int mode, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  int parent = open_parent (tree, path);
  gboolean done = parent >= 0 && write_in (parent, name, text, length, mode);
  int saved = errno;

  if (parent >= 0)
    close (parent);
  return done || lodge_error_set_errno (error, saved, "write /%s in the root tree", path);
}

gboolean
lodge_tree_write (const char *tree, const char *path, const char *text, int mode, GError **error)
{
  return lodge_tree_write_bytes (tree, path, text, strlen (text), mode, error);
}

static char *
read_all (int fd)
{
  GString *text = g_string_new (NULL);
  char buffer[16384];
  ssize_t got;

  while ((got = TEMP_FAILURE_RETRY (read (fd, buffer, sizeof buffer))) > 0 && text->len < LIMIT)
    g_string_append_len (text, buffer, got);
  if (got == 0)
    return g_string_free (text, FALSE);
  if (got > 0)
    errno = EFBIG;
  g_string_free (text, TRUE);
  return NULL;
}

char *
lodge_tree_read (const char *tree, const char *path, GError **error)
{
  int fd = open_in (tree, path, O_RDONLY);
  char *text = fd >= 0 ? read_all (fd) : NULL;
  int saved = errno;

  if (fd >= 0)
    close (fd);
  if (text == NULL)
    lodge_error_set_errno (error, saved, "read /%s in the root tree", path);
  return text;
}

gboolean
lodge_tree_has (const char *tree, const char *path)
{
  int fd = open_in (tree, path, O_PATH);

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

char **
lodge_tree_list (const char *tree, const char *path, const char *prefix)
{
  GPtrArray *names = g_ptr_array_new ();
  int fd = open_in (tree, path, O_RDONLY | O_DIRECTORY);
  g_autofree char *opened = fd >= 0 ? g_strdup_printf ("/proc/self/fd/%d", fd) : NULL;
  g_autoptr (GDir) directory = opened != NULL ? g_dir_open (opened, 0, NULL) : NULL;
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_prefix (name, prefix))
      g_ptr_array_add (names, g_strdup (name));
  if (fd >= 0)
    close (fd);
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

static gboolean
copy_link (const char *tree, const char *path, const char *source, GError **error)
{
  g_autofree char *target = g_file_read_link (source, error);
  g_autofree char *name = g_path_get_basename (path);
  int parent = target != NULL ? open_parent (tree, path) : -1;
  gboolean done;
  int saved;

  if (target == NULL)
    return FALSE;
  done = parent >= 0 && (unlinkat (parent, name, 0) == 0 || errno == ENOENT)
         && symlinkat (target, parent, name) == 0;
  saved = errno;
  if (parent >= 0)
    close (parent);
  return done || lodge_error_set_errno (error, saved, "make the link /%s in the root tree", path);
}

static gboolean
copy_file (const char *tree, const char *path, const char *source, mode_t mode, GError **error)
{
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (source, &text, &length, error))
    return FALSE;
  return lodge_tree_write_bytes (tree, path, text, length, (mode & S_IXUSR) != 0 ? 0755 : 0644,
                                 error);
}

static gboolean
is_wanted (const char *path, const char *const *prefixes)
{
  for (; *prefixes != NULL; prefixes++)
    if (g_str_has_prefix (path, *prefixes))
      return TRUE;
  return FALSE;
}

/* PATH is "" for the top, else it ends without a slash. */
static gboolean
copy_directory (const char *tree, const char *source, const char *path, const char *const *prefixes,
                GError **error)
{
  g_autofree char *full = g_build_filename (source, path, NULL);
  g_autoptr (GDir) directory = g_dir_open (full, 0, error);
  const char *name;

  if (directory == NULL)
    return FALSE;
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child
          = *path != '\0' ? g_strconcat (path, "/", name, NULL) : g_strdup (name);
      g_autofree char *from = g_build_filename (source, child, NULL);
      struct stat status;
      gboolean done = TRUE;

      if (lstat (from, &status) != 0)
        return lodge_error_set_errno (error, errno, "look at %s", from);
      if (S_ISDIR (status.st_mode))
        done = copy_directory (tree, source, child, prefixes, error);
      else if (!is_wanted (child, prefixes))
        continue;
      else if (S_ISLNK (status.st_mode))
        done = copy_link (tree, child, from, error);
      else if (S_ISREG (status.st_mode))
        done = copy_file (tree, child, from, status.st_mode, error);
      if (!done)
        return FALSE;
    }
  return TRUE;
}

gboolean
lodge_tree_copy (const char *tree, const char *source, const char *const *prefixes, GError **error)
{
  return copy_directory (tree, source, "", prefixes, error);
}
