/* Directories that came with a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/store-directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"

/* Far more than any host has guests. */
#define MOST_ENTRIES 4096
#define MOST_OF_ONE_NAME 1000

void
lodge_directory_free (LodgeDirectory *directory)
{
  if (directory == NULL)
    return;
  close (directory->fd);
  g_free (directory->shown);
  g_free (directory);
}

/* --- opening --- */

/* Takes FD. */
static LodgeDirectory *
new_directory (int fd, const char *shown, GError **error)
{
  g_autoptr (LodgeDirectory) directory = g_new0 (LodgeDirectory, 1);
  struct stat status;

  directory->fd = fd;
  directory->shown = g_strdup (shown);
  if (fstat (fd, &status) != 0)
    {
      lodge_error_set_errno (error, errno, "look at %s", shown);
      return NULL;
    }
  directory->device = status.st_dev;
  return g_steal_pointer (&directory);
}

static gboolean
refuse (GError **error, const char *directory, const char *name, const char *why)
{
  return lodge_error_set (error, LODGE_ERROR_REFUSED, "%s/%s %s", directory, name, why);
}

gboolean
lodge_directory_open (const char *path, LodgeDirectory **directory, GError **error)
{
  g_autofree char *link = NULL;
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  *directory = NULL;
  if (fd == -1)
    return errno == ENOENT || lodge_error_set_errno (error, errno, "open the directory %s", path);
  if (g_str_has_prefix (path, "/proc/self/fd/"))
    link = g_file_read_link (path, NULL);
  *directory = new_directory (fd, link != NULL ? link : path, error);
  return *directory != NULL;
}

LodgeDirectory *
lodge_directory_open_parent (const LodgeDirectory *directory, GError **error)
{
  g_autofree char *shown = g_path_get_dirname (directory->shown);
  int fd = openat (directory->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd == -1)
    {
      lodge_error_set_errno (error, errno, "open the directory %s", shown);
      return NULL;
    }
  return new_directory (fd, shown, error);
}

gboolean
lodge_directory_own (const LodgeDirectory *directory, mode_t mode, GError **error)
{
  struct stat status;

  if (fstat (directory->fd, &status) != 0)
    return lodge_error_set_errno (error, errno, "look at %s", directory->shown);
  /* The owner first: until then it is theirs to change. */
  if ((status.st_uid != geteuid () || status.st_gid != getegid ())
      && fchown (directory->fd, geteuid (), getegid ()) != 0)
    return lodge_error_set_errno (error, errno, "set the owner of %s", directory->shown);
  if ((status.st_mode & 07777) != mode && fchmod (directory->fd, mode) != 0)
    return lodge_error_set_errno (error, errno, "set the permissions of %s", directory->shown);
  return TRUE;
}

static gboolean
sync_directory (const LodgeDirectory *directory, GError **error)
{
  return fsync (directory->fd) == 0
         || lodge_error_set_errno (error, errno, "write the directory %s to its disk",
                                   directory->shown);
}

static gboolean
make_one (const LodgeDirectory *parent, const char *name, GError **error)
{
  if (mkdirat (parent->fd, name, 0700) == 0)
    return sync_directory (parent, error);
  return errno == EEXIST
         || lodge_error_set_errno (error, errno, "make the directory %s/%s", parent->shown, name);
}

static gboolean
open_one (const LodgeDirectory *parent, const char *name, mode_t mode, LodgeDirectory **directory,
          GError **error)
{
  g_autofree char *shown = g_build_filename (parent->shown, name, NULL);
  g_autoptr (LodgeDirectory) opened = NULL;
  int fd;

  if (name[0] == '\0' || g_str_equal (name, ".") || g_str_equal (name, ".."))
    return refuse (error, parent->shown, name, "is not a name");
  if (mode != 0 && !make_one (parent, name, error))
    return FALSE;
  fd = openat (parent->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd == -1 && errno == ENOENT && mode == 0)
    return TRUE;
  if (fd == -1 && (errno == ELOOP || errno == ENOTDIR))
    return refuse (error, parent->shown, name, "is a link or a file, where a directory belongs");
  if (fd == -1)
    return lodge_error_set_errno (error, errno, "open the directory %s", shown);
  opened = new_directory (fd, shown, error);
  if (opened == NULL)
    return FALSE;
  if (opened->device != parent->device)
    return refuse (error, parent->shown, name, "is on another file system");
  if (mode != 0 && !lodge_directory_own (opened, mode, error))
    return FALSE;
  *directory = g_steal_pointer (&opened);
  return TRUE;
}

gboolean
lodge_directory_open_below (const LodgeDirectory *parent, const char *names, mode_t mode,
                            LodgeDirectory **directory, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (names, "/", -1);
  g_autoptr (LodgeDirectory) inner = NULL;

  *directory = NULL;
  for (gsize i = 0; parts[i] != NULL; i++)
    {
      g_autoptr (LodgeDirectory) outer = g_steal_pointer (&inner);

      if (!open_one (outer != NULL ? outer : parent, parts[i], mode, &inner, error))
        return FALSE;
      if (inner == NULL)
        return TRUE;
    }
  *directory = g_steal_pointer (&inner);
  return TRUE;
}

/* --- looking --- */

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static gboolean
read_entries (DIR *entries, const char *shown, GPtrArray *names, GError **error)
{
  const struct dirent *entry;

  for (;;)
    {
      errno = 0;
      entry = readdir (entries);
      if (entry == NULL && errno != 0)
        return lodge_error_set_errno (error, errno, "read the directory %s", shown);
      if (entry == NULL)
        return TRUE;
      if (entry->d_name[0] == '.')
        continue;
      if (names->len == MOST_ENTRIES)
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                "the directory %s has more than %d entries", shown, MOST_ENTRIES);
      g_ptr_array_add (names, g_strdup (entry->d_name));
    }
}

GStrv
lodge_directory_list (const LodgeDirectory *directory, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  /* Opened anew: descriptors that are copies share where they have read to. */
  int fd = openat (directory->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *entries = fd != -1 ? fdopendir (fd) : NULL;
  gboolean good;

  if (entries == NULL)
    {
      lodge_error_set_errno (error, errno, "read the directory %s", directory->shown);
      if (fd != -1)
        close (fd);
      return NULL;
    }
  good = read_entries (entries, directory->shown, names, error);
  closedir (entries);
  if (!good)
    return NULL;
  g_ptr_array_sort (names, compare);
  g_ptr_array_add (names, NULL);
  return (GStrv)g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

gboolean
lodge_directory_look (const LodgeDirectory *directory, const char *name, mode_t *type,
                      GError **error)
{
  struct stat status;

  *type = 0;
  if (fstatat (directory->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
    *type = status.st_mode & S_IFMT;
  else if (errno != ENOENT)
    return lodge_error_set_errno (error, errno, "look at %s/%s", directory->shown, name);
  return TRUE;
}

/* --- reading --- */

static gboolean
read_all (int fd, gsize limit, const char *shown, char **data, gsize *length, GError **error)
{
  g_autoptr (GByteArray) content = g_byte_array_new ();
  guint8 buffer[16384];
  ssize_t count;

  while ((count = TEMP_FAILURE_RETRY (read (fd, buffer, sizeof buffer))) > 0)
    {
      g_byte_array_append (content, buffer, (guint)count);
      if (content->len > limit)
        return lodge_error_set (
            error, LODGE_ERROR_REFUSED,
            "%s is longer than the %" G_GSIZE_FORMAT " bytes that are allowed here", shown, limit);
    }
  if (count < 0)
    return lodge_error_set_errno (error, errno, "read %s", shown);
  if (length != NULL)
    *length = content->len;
  g_byte_array_append (content, (const guint8 *)"", 1);
  *data = (char *)g_byte_array_free (g_steal_pointer (&content), FALSE);
  return TRUE;
}

static gboolean
read_regular (int parent, const char *name, gboolean follow, gsize limit, const char *shown,
              char **data, gsize *length, GError **error)
{
  struct stat status;
  gboolean good;
  int fd;

  *data = NULL;
  /* Looked at before: to open a device can do something. */
  if (fstatat (parent, name, &status, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT || lodge_error_set_errno (error, errno, "look at %s", shown);
  if (!S_ISREG (status.st_mode))
    return lodge_error_set (error, LODGE_ERROR_REFUSED, "%s is not a regular file", shown);
  fd = openat (parent, name,
               O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
  if (fd == -1)
    return errno == ENOENT || lodge_error_set_errno (error, errno, "open %s", shown);
  if (fstat (fd, &status) != 0)
    good = lodge_error_set_errno (error, errno, "look at %s", shown);
  else if (!S_ISREG (status.st_mode))
    good = lodge_error_set (error, LODGE_ERROR_REFUSED, "%s is not a regular file", shown);
  else
    good = read_all (fd, limit, shown, data, length, error);
  close (fd);
  return good;
}

gboolean
lodge_directory_read (const LodgeDirectory *directory, const char *name, gsize limit, char **data,
                      gsize *length, GError **error)
{
  g_autofree char *shown = g_build_filename (directory->shown, name, NULL);

  return read_regular (directory->fd, name, FALSE, limit, shown, data, length, error);
}

gboolean
lodge_directory_read_host (const char *path, gsize limit, char **data, gsize *length,
                           GError **error)
{
  return read_regular (AT_FDCWD, path, TRUE, limit, path, data, length, error);
}

/* --- writing --- */

/* NAME holds that and is nobody else's. */
static gboolean
is_so (const LodgeDirectory *directory, const char *name, const char *data, gsize length)
{
  g_autofree char *old = NULL;
  gsize old_length = 0;
  struct stat status;

  return fstatat (directory->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0
         && S_ISREG (status.st_mode) && (status.st_mode & 07777) == 0600
         && status.st_uid == geteuid () && status.st_nlink == 1 && (gsize)status.st_size == length
         && lodge_directory_read (directory, name, length, &old, &old_length, NULL) && old != NULL
         && old_length == length && memcmp (old, data, length) == 0;
}

static gboolean
write_all (int fd, const char *data, gsize length)
{
  while (length > 0)
    {
      ssize_t written = TEMP_FAILURE_RETRY (write (fd, data, length));

      if (written < 0)
        return FALSE;
      data += written;
      length -= (gsize)written;
    }
  return fchmod (fd, 0600) == 0 && fsync (fd) == 0;
}

gboolean
lodge_directory_write (const LodgeDirectory *directory, const char *name, const char *data,
                       gssize length, guint *changed, GError **error)
{
  /* Always the same, so that what a power cut leaves is overwritten. */
  g_autofree char *aside = g_strconcat (".", name, ".new", NULL);
  gsize size = length < 0 ? strlen (data) : (gsize)length;
  gboolean good;
  int saved, fd;

  if (is_so (directory, name, data, size))
    return TRUE;
  unlinkat (directory->fd, aside, 0);
  fd = openat (directory->fd, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd == -1)
    return lodge_error_set_errno (error, errno, "make a file beside %s/%s", directory->shown, name);
  good = write_all (fd, data, size);
  saved = errno;
  if (close (fd) != 0 && good)
    {
      good = FALSE;
      saved = errno;
    }
  if (good && renameat (directory->fd, aside, directory->fd, name) != 0)
    {
      good = FALSE;
      saved = errno;
    }
  if (!good)
    {
      unlinkat (directory->fd, aside, 0);
      return lodge_error_set_errno (error, saved, "write %s/%s", directory->shown, name);
    }
  if (changed != NULL)
    (*changed)++;
  return sync_directory (directory, error);
}

gboolean
lodge_directory_remove_mark (const LodgeDirectory *directory, const char *name, guint *changed,
                             GError **error)
{
  if (unlinkat (directory->fd, name, 0) != 0)
    return errno == ENOENT
           || lodge_error_set_errno (error, errno, "remove %s/%s", directory->shown, name);
  if (changed != NULL)
    (*changed)++;
  return sync_directory (directory, error);
}

gboolean
lodge_directory_move (const LodgeDirectory *directory, const char *name,
                      const LodgeDirectory *target, GError **error)
{
  g_autofree char *to = g_strdup (name);

  for (guint i = 1; renameat2 (directory->fd, name, target->fd, to, RENAME_NOREPLACE) != 0; i++)
    {
      if (errno != EEXIST || i == MOST_OF_ONE_NAME)
        return lodge_error_set_errno (error, errno, "move %s/%s to %s", directory->shown, name,
                                      target->shown);
      g_free (to);
      to = g_strdup_printf ("%s.%u", name, i);
    }
  /* Where it is now first: what is in both places after a power cut is not lost. */
  return sync_directory (target, error) && sync_directory (directory, error);
}
