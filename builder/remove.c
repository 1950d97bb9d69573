/* Removing a directory with all that is in it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The walk goes from descriptor to descriptor and follows no link: somebody who can write in the
 * tree may put a link in the place of a directory at any moment, and root must not remove what it
 * leads to.  One descriptor is open at a time, however deep the tree.
 */
#include "builder/remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/paths.h"
#include "builder/sandbox.h"
#include "common/error.h"

enum
{
  ATTEMPTS = 100,
  ATTEMPT_MICROSECONDS = 10 * 1000,
};

/* A directory that is being emptied. */
typedef struct
{
  char *name; /* in its parent; that of the first one is the whole path */
  dev_t device;
  ino_t inode;
  GPtrArray *left; /* of char *: what in it is still to be removed */
} Level;

/* `first` is what stood in the way; `busy`: something appeared in a directory after it had been
 * emptied. */
typedef struct
{
  GPtrArray *levels; /* of Level, from the top down */
  int fd;            /* the last one's; AT_FDCWD when there is none */
  GError *first;
  gboolean busy;
} Walk;

static void
level_free (gpointer data)
{
  Level *level = data;

  g_free (level->name);
  g_ptr_array_unref (level->left);
  g_free (level);
}

static void
note_failure (Walk *walk, const char *name, int errnum)
{
  g_autoptr (GString) path = g_string_new (NULL);

  if (errnum == ENOENT)
    return;
  if (errnum == ENOTEMPTY || errnum == EEXIST)
    walk->busy = TRUE;
  if (walk->first != NULL)
    return;
  for (guint i = 0; i < walk->levels->len; i++)
    g_string_append_printf (path, "%s/", ((Level *)g_ptr_array_index (walk->levels, i))->name);
  g_string_append (path, name);
  lodge_error_set_errno (&walk->first, errnum, "remove %s", path->str);
}

/* A directory without all permissions cannot be emptied, and packages ship some.  PLACE is open
 * with O_PATH: fchmod(2) does not take that, and a name might by now be another file's. */
static void
give_permissions (int place, const struct stat *status)
{
  char path[32];

  if ((status->st_mode & S_IRWXU) == S_IRWXU)
    return;
  snprintf (path, sizeof path, "/proc/self/fd/%d", place);
  if (chmod (path, S_IRWXU) != 0)
    {
      /* Not ours: removing what is in it will fail, and that failure names the file. */
    }
}

/* Opens the directory NAME of the last level for reading, a link or another file system's never; -1
 * with errno set. */
static int
open_directory (const Walk *walk, const char *name, struct stat *status)
{
  int place = openat (walk->fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  const Level *top = walk->levels->len > 0 ? g_ptr_array_index (walk->levels, 0) : NULL;
  int fd = -1;
  int saved;

  if (place < 0)
    return -1;
  errno = EBUSY;
  if (fstat (place, status) == 0 && (top == NULL || status->st_dev == top->device))
    {
      give_permissions (place, status);
      /* Without the right to search it there is no way back out of it by "..". */
      if (faccessat (place, ".", X_OK, AT_EACCESS) == 0)
        fd = openat (place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
  saved = errno;
  close (place);
  errno = saved;
  return fd;
}

/* The names of all that is in the directory FD, which stays open; NULL with errno set. */
static GPtrArray *
list (int fd)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int copy = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  DIR *stream = copy < 0 ? NULL : fdopendir (copy);
  const struct dirent *entry;
  int saved;

  if (stream == NULL)
    {
      saved = errno;
      if (copy >= 0)
        close (copy);
      errno = saved;
      return NULL;
    }
  errno = 0;
  while ((entry = readdir (stream)) != NULL)
    {
      if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
        g_ptr_array_add (names, g_strdup (entry->d_name));
      errno = 0;
    }
  saved = errno;
  closedir (stream);
  errno = saved;
  return saved == 0 ? g_steal_pointer (&names) : NULL;
}

static gboolean
enter (Walk *walk, const char *name)
{
  struct stat status;
  int fd = open_directory (walk, name, &status);
  GPtrArray *names = fd < 0 ? NULL : list (fd);
  Level *level;

  if (names == NULL)
    {
      int saved = errno;

      if (fd >= 0)
        close (fd);
      errno = saved;
      return FALSE;
    }
  level = g_new0 (Level, 1);
  level->name = g_strdup (name);
  level->device = status.st_dev;
  level->inode = status.st_ino;
  level->left = names;
  g_ptr_array_add (walk->levels, level);
  if (walk->fd >= 0)
    close (walk->fd);
  walk->fd = fd;
  return TRUE;
}

/* The directory above the last level; -1 with errno set when that was moved meanwhile: ".." is then
 * not what we came from. */
static int
open_parent (const Walk *walk)
{
  const Level *above;
  struct stat status;
  int fd;

  if (walk->levels->len == 1)
    return AT_FDCWD;
  above = g_ptr_array_index (walk->levels, walk->levels->len - 2);
  fd = openat (walk->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0
      || (fstat (fd, &status) == 0 && status.st_dev == above->device
          && status.st_ino == above->inode))
    return fd;
  close (fd);
  errno = ESTALE;
  return -1;
}

/* Goes back from the last level and removes it.  FALSE: there is no way back. */
static gboolean
leave (Walk *walk)
{
  int parent = open_parent (walk);
  Level *level;

  if (parent == -1)
    {
      note_failure (walk, ".", errno);
      return FALSE;
    }
  close (walk->fd);
  walk->fd = parent;
  level = g_ptr_array_steal_index (walk->levels, walk->levels->len - 1);
  if (unlinkat (walk->fd, level->name, AT_REMOVEDIR) != 0)
    note_failure (walk, level->name, errno);
  level_free (level);
  return TRUE;
}

/* Removes NAME of the last level, or enters it. */
static void
remove_entry (Walk *walk, const char *name)
{
  struct stat status;
  int saved;

  if (fstatat (walk->fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    note_failure (walk, name, errno);
  else if (!S_ISDIR (status.st_mode))
    {
      if (unlinkat (walk->fd, name, 0) != 0)
        note_failure (walk, name, errno);
    }
  else if (!enter (walk, name))
    {
      /* An empty one needs not be read. */
      saved = errno;
      if (unlinkat (walk->fd, name, AT_REMOVEDIR) != 0)
        note_failure (walk, name, saved);
    }
}

static void
remove_all (Walk *walk, const char *path)
{
  remove_entry (walk, path);
  while (walk->levels->len > 0)
    {
      const Level *level = g_ptr_array_index (walk->levels, walk->levels->len - 1);

      if (level->left->len > 0)
        {
          g_autofree char *name = g_ptr_array_steal_index (level->left, level->left->len - 1);

          remove_entry (walk, name);
        }
      else if (!leave (walk))
        return;
    }
}

static gboolean
remove_once (const char *path, gboolean *busy, GError **error)
{
  Walk walk = { .levels = g_ptr_array_new_with_free_func (level_free), .fd = AT_FDCWD };

  remove_all (&walk, path);
  if (walk.fd >= 0)
    close (walk.fd);
  g_ptr_array_unref (walk.levels);
  *busy = walk.busy;
  if (walk.first == NULL)
    return TRUE;
  g_propagate_error (error, walk.first);
  return FALSE;
}

/* When a program was killed, what it had started itself (dpkg-deb's tar) may live on for a moment
 * and write its last file into a directory that was just emptied: then all is done again. */
static gboolean
remove_ourselves (const char *path, GError **error)
{
  for (guint attempt = 1;; attempt++)
    {
      g_autoptr (GError) failure = NULL;
      gboolean busy;

      if (remove_once (path, &busy, &failure))
        return TRUE;
      if (!busy || attempt == ATTEMPTS)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      g_usleep (ATTEMPT_MICROSECONDS);
    }
}

/* Files that package scripts made belong to the caller's range of uids; only inside the sandbox is
 * the caller root over those. */
static gboolean
remove_inside (const char *path)
{
  g_autoptr (LodgePaths) paths = lodge_paths_find (NULL);
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);

  return paths != NULL && lodge_sandbox_remove (paths->helper, absolute, NULL);
}

gboolean
lodge_remove_tree (const char *path, GError **error)
{
  GError *failure = NULL;

  if (remove_ourselves (path, &failure) || (geteuid () != 0 && remove_inside (path)))
    {
      g_clear_error (&failure);
      return TRUE;
    }
  g_propagate_error (error, failure);
  return FALSE;
}
