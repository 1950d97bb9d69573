/* Files of a machine of `lodge boot` that have no name.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/boot-files.h"
#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Not O_CLOEXEC: these are for the program that we become. */
static int
open_nameless (const char *directory)
{
  g_autofree char *path = NULL;
  int fd = open (directory, O_TMPFILE | O_RDWR, 0600);

  /* overlayfs and NFS have no O_TMPFILE on older kernels. */
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
    return fd;
  path = g_build_filename (directory, "lodge-disk-XXXXXX", NULL);
  fd = g_mkstemp_full (path, O_RDWR, 0600);
  if (fd >= 0)
    g_unlink (path);
  return fd;
}

int
lodge_boot_file_blank (guint64 size, GError **error)
{
  const char *directory = g_getenv ("TMPDIR");
  int fd;
  int saved;

  if (directory == NULL || *directory == '\0')
    directory = "/var/tmp"; /* /tmp may be memory */
  fd = open_nameless (directory);
  if (fd < 0)
    {
      lodge_error_set_errno (error, errno, "make a disk in %s (TMPDIR chooses another place)",
                             directory);
      return -1;
    }
  if (ftruncate (fd, (off_t)size) == 0)
    return fd;
  saved = errno;
  close (fd);
  lodge_error_set_errno (error, saved, "make a disk of %" G_GUINT64_FORMAT " bytes in %s", size,
                         directory);
  return -1;
}

static int
make_memory (const char *name, const void *data, gsize length, GError **error)
{
  int fd = memfd_create (name, 0);
  gsize done = 0;
  int saved;

  while (fd >= 0 && done < length)
    {
      ssize_t count = TEMP_FAILURE_RETRY (write (fd, (const char *)data + done, length - done));

      if (count < 0)
        {
          saved = errno;
          close (fd);
          errno = saved;
          fd = -1;
        }
      else
        done += (gsize)count;
    }
  if (fd < 0)
    lodge_error_set_errno (error, errno, "make a file in memory");
  return fd;
}

int
lodge_boot_file_copy (const char *path, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *data = NULL;
  gsize length;

  if (!g_file_get_contents (path, &data, &length, &failure))
    {
      lodge_error_set (error, LODGE_ERROR_FAILED, "read %s: %s", path, failure->message);
      return -1;
    }
  return make_memory ("lodge-firmware", data, length, error);
}

int
lodge_boot_file_answers (const char *answers, gsize length, GError **error)
{
  g_autofree char *encoded = g_base64_encode ((const guchar *)answers, length);
  g_autofree char *text
      = g_strconcat ("io.systemd.credential.binary:lodge.answers=", encoded, NULL);

  return make_memory ("lodge-answers", text, strlen (text), error);
}
