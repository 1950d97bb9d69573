/* Files replaced whole, read with a limit, hashed.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/file.h"
#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* read(2), begun again when a signal interrupts it. */
static ssize_t
read_some (int fd, void *buffer, gsize size)
{
  return TEMP_FAILURE_RETRY (read (fd, buffer, size));
}

gboolean
lodge_file_sync_directory (const char *path, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path);
  int fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int saved;

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "open the directory %s", directory);
  saved = fsync (fd) == 0 ? 0 : errno;
  close (fd);
  /* What these say is that this file system has nothing to write for a directory (fsync(2)):
   * vboxsf, some servers'. */
  if (saved != 0 && saved != EINVAL && saved != ENOTSUP)
    return lodge_error_set_errno (error, saved, "write the directory %s to its disk", directory);
  return TRUE;
}

/* mkdir(2) with exactly MODE; errno is set on failure. */
static int
make_directory (const char *path, int mode)
{
  int saved;

  if (mkdir (path, (mode_t)mode) != 0)
    return -1;
  if (chmod (path, (mode_t)mode) == 0)
    return 0;
  saved = errno;
  rmdir (path);
  errno = saved;
  return -1;
}

gboolean
lodge_file_make_directory (const char *path, int mode, GError **error)
{
  if (make_directory (path, mode) != 0)
    return lodge_error_set_errno (error, errno, "make the directory %s", path);
  return TRUE;
}

/* Makes the directory that holds PATH, and those above it, each fsynced into its own parent: after
 * a power cut a file whose directory was never written would be gone. */
static gboolean
make_parents (const char *path, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path);

  if (g_file_test (directory, G_FILE_TEST_IS_DIR))
    return TRUE;
  if (!make_parents (directory, error))
    return FALSE;
  if (make_directory (directory, 0755) != 0 && errno != EEXIST)
    return lodge_error_set_errno (error, errno, "make the directory %s", directory);
  return lodge_file_sync_directory (directory, error);
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
  return TRUE;
}

gboolean
lodge_file_replace (const char *path, const char *data, gssize length, int mode, GError **error)
{
  g_autofree char *aside = g_strconcat (path, ".XXXXXX", NULL);
  gsize size = length < 0 ? strlen (data) : (gsize)length;
  const char *failed = NULL;
  int saved = 0;
  int fd;

  if (!make_parents (path, error))
    return FALSE;
  fd = g_mkstemp_full (aside, O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    return lodge_error_set_errno (error, errno, "make a file beside %s", path);

  if (!write_all (fd, data, size))
    failed = "write";
  else if (fchmod (fd, (mode_t)mode) != 0 /* FAT, which has no modes, says 0 */)
    failed = "set the permissions of";
  else if (fsync (fd) != 0)
    failed = "write to its disk";
  saved = errno;
  if (close (fd) != 0 && failed == NULL)
    {
      failed = "close";
      saved = errno;
    }
  if (failed == NULL && g_rename (aside, path) != 0)
    {
      failed = "rename the new";
      saved = errno;
    }
  if (failed != NULL)
    {
      g_unlink (aside);
      return lodge_error_set_errno (error, saved, "%s %s", failed, path);
    }
  return lodge_file_sync_directory (path, error);
}

char *
lodge_file_read (const char *path, gsize limit, gsize *length, GError **error)
{
  g_autoptr (GByteArray) content = g_byte_array_new ();
  guint8 buffer[16384];
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  ssize_t count;
  int saved;

  if (fd < 0)
    {
      lodge_error_set_errno (error, errno, "open %s", path);
      return NULL;
    }
  /* Read to the end and not to st_size: files of /proc and /sys, and pipes, have no size. */
  while ((count = read_some (fd, buffer, sizeof buffer)) > 0 && content->len <= limit)
    g_byte_array_append (content, buffer, (guint)count);
  saved = errno;
  close (fd);
  if (count < 0)
    {
      lodge_error_set_errno (error, saved, "read %s", path);
      return NULL;
    }
  if (content->len > limit)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "%s is longer than the %" G_GSIZE_FORMAT " bytes that are allowed here",
                       path, limit);
      return NULL;
    }
  if (length != NULL)
    *length = content->len;
  g_byte_array_append (content, (const guint8 *)"", 1);
  return (char *)g_byte_array_free (g_steal_pointer (&content), FALSE);
}

char *
lodge_file_sha256 (const char *path, GError **error)
{
  enum
  {
    BUFFER_SIZE = 256 * 1024,
  };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *buffer = g_malloc (BUFFER_SIZE);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  ssize_t count;
  int saved;

  if (fd < 0)
    {
      lodge_error_set_errno (error, errno, "open %s", path);
      return NULL;
    }
  while ((count = read_some (fd, buffer, BUFFER_SIZE)) > 0)
    g_checksum_update (checksum, buffer, count);
  saved = errno;
  close (fd);
  if (count < 0)
    {
      lodge_error_set_errno (error, saved, "read %s", path);
      return NULL;
    }
  return g_strdup (g_checksum_get_string (checksum));
}
