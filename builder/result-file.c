/* Reading what a program in the sandbox has made.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/result-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/sparse-copy.h"
#include "common/error.h"

static gboolean
refuse (const char *path, GError **error)
{
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "%s, which a program in the sandbox made, is not a file: it is not read",
                          path);
}

/* A descriptor, or -1. */
static int
open_result (const char *path, struct stat *status, GError **error)
{
  /* Opening a pipe would wait for a writer. */
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

  if (fd < 0 && errno == ELOOP)
    refuse (path, error);
  else if (fd < 0)
    lodge_error_set_errno (error, errno, "open %s", path);
  if (fd < 0)
    return -1;
  if (fstat (fd, status) == 0 && S_ISREG (status->st_mode))
    return fd;
  close (fd);
  refuse (path, error);
  return -1;
}

gboolean
lodge_result_check (const char *path, GError **error)
{
  struct stat status;
  int fd = open_result (path, &status, error);

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

static gboolean
copy_to (int source, const char *from, guint64 size, const char *to, int mode,
         GCancellable *cancellable, GError **error)
{
  int target = open (to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  gboolean done;

  if (target < 0)
    return lodge_error_set_errno (error, errno, "make %s", to);
  if (ftruncate (target, (off_t)size) != 0 || fchmod (target, (mode_t)mode) != 0)
    done = lodge_error_set_errno (error, errno, "write %s", to);
  else
    done = lodge_sparse_copy (source, from, 0, target, to, 0, size, cancellable, error);
  if (close (target) != 0 && done)
    done = lodge_error_set_errno (error, errno, "write %s", to);
  return done;
}

gboolean
lodge_result_copy (const char *from, const char *to, int mode, GCancellable *cancellable,
                   GError **error)
{
  struct stat status;
  int source = open_result (from, &status, error);
  gboolean done;

  if (source < 0)
    return FALSE;
  if (unlink (to) != 0 && errno != ENOENT)
    done = lodge_error_set_errno (error, errno, "replace %s", to);
  else
    done = copy_to (source, from, (guint64)status.st_size, to, mode, cancellable, error);
  close (source);
  return done;
}
