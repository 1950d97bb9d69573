/* One setup at a time, by an open file description lock (fcntl(2), F_OFD_SETLK): a record lock can
 * be asked after without being taken, so that `status` never stands in the way of `apply`.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/lock.h"

#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static gboolean
refuse (int fd, GError **error)
{
  char holder[32] = "";
  ssize_t length = pread (fd, holder, sizeof holder - 1, 0);

  if (length < 0)
    length = 0;
  holder[length] = '\0';
  close (fd);
  return lodge_error_set (
      error, LODGE_ERROR_REFUSED,
      "another lodge-firstboot (process %s) is setting this host up: watch it with "
      "`journalctl -f -u lodge-firstboot` and try again when it has ended",
      length > 0 ? g_strstrip (holder) : "unknown");
}

gboolean
lodge_lock_take (const char *path, GError **error)
{
  /* Close-on-exec: a program that outlives us must not keep the lock. */
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  g_autofree char *text = NULL;

  if (fd == -1)
    return lodge_error_set_errno (error, errno, "open %s (setup needs root)", path);
  if (fcntl (fd, F_OFD_SETLK, &whole) == -1)
    {
      if (errno == EAGAIN || errno == EACCES)
        return refuse (fd, error);
      lodge_error_set_errno (error, errno, "lock %s", path);
      close (fd);
      return FALSE;
    }
  /* For the message of the one that comes second; the lock does not hang on it. */
  text = g_strdup_printf ("%ld\n", (long)getpid ());
  if (ftruncate (fd, 0) == -1 || pwrite (fd, text, strlen (text), 0) == -1)
    {
      lodge_error_set_errno (error, errno, "write %s", path);
      close (fd);
      return FALSE;
    }
  return TRUE; /* the descriptor stays open: it is the lock */
}

gboolean
lodge_lock_is_taken (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct flock whole = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
  gboolean taken;

  if (fd == -1)
    return FALSE;
  taken = fcntl (fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
  close (fd);
  return taken;
}
