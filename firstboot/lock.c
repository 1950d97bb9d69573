/* One setup at a time, by an open file description lock (fcntl(2), F_OFD_SETLK): a record lock can
 * be asked after without being taken, so that `status` never stands in the way of `apply`.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/lock.h"
#include "firstboot/i18n.h"

#include "common/error.h"
#include "common/number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- the holder --- */

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

/* What the holder wrote: its process number; "" when that cannot be read. */
static char *
read_holder (int fd)
{
  char holder[32] = "";
  ssize_t length = pread (fd, holder, sizeof holder - 1, 0);

  holder[length > 0 ? length : 0] = '\0';
  return g_strdup (g_strstrip (holder));
}

/* Whether the descriptor FD of PROCESS is FILE's with a lock on it (proc_pid_fdinfo(5), "lock:").
 */
static gboolean
is_lock (const char *process, const char *fd, const struct stat *file)
{
  g_autofree char *link = g_build_filename (process, "fd", fd, NULL);
  g_autofree char *info = g_build_filename (process, "fdinfo", fd, NULL);
  g_autofree char *text = NULL;
  struct stat target;

  return stat (link, &target) == 0 && target.st_dev == file->st_dev && target.st_ino == file->st_ino
         && g_file_get_contents (info, &text, NULL, NULL) && strstr (text, "\nlock:") != NULL;
}

/* The number in the file alone may be a former holder's, and anybody's by now: between taking the
 * lock and writing one's own there is a moment. */
static gboolean
holds (pid_t pid, const char *path)
{
  g_autofree char *process = g_strdup_printf ("/proc/%ld", (long)pid);
  g_autofree char *descriptors = g_build_filename (process, "fd", NULL);
  g_autoptr (GDir) directory = g_dir_open (descriptors, 0, NULL);
  struct stat file;
  const char *fd;

  if (directory == NULL || stat (path, &file) == -1)
    return FALSE;
  while ((fd = g_dir_read_name (directory)) != NULL)
    if (is_lock (process, fd, &file))
      return TRUE;
  return FALSE;
}

pid_t
lodge_lock_holder (const char *path)
{
  int fd = lodge_lock_is_taken (path) ? open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
  g_autofree char *holder = NULL;
  guint64 number = 0;

  if (fd == -1)
    return 0;
  holder = read_holder (fd);
  close (fd);
  if (!lodge_number_parse (holder, 1, G_MAXINT, &number) || !holds ((pid_t)number, path))
    return 0;
  return (pid_t)number;
}

gboolean
lodge_lock_signal (const char *path, int number)
{
  pid_t pid = lodge_lock_holder (path);
  /* No other process can have the number behind this descriptor; see pidfd_open(2). */
  int descriptor = pid > 1 ? (int)syscall (SYS_pidfd_open, pid, 0) : -1;
  gboolean sent;

  if (descriptor == -1)
    return FALSE;
  sent = holds (pid, path) && syscall (SYS_pidfd_send_signal, descriptor, number, NULL, 0) == 0;
  close (descriptor);
  return sent;
}

/* --- taking it --- */

static int
refuse (const char *path, int fd, GError **error)
{
  g_autofree char *holder = g_strdup_printf ("%ld", (long)lodge_lock_holder (path));

  close (fd);
  lodge_error_set (
      error, LODGE_ERROR_REFUSED,
      N_ ("another lodge-firstboot (process %s) is setting this host up: watch it with "
          "`journalctl -f -u lodge-firstboot` and try again when it has ended"),
      holder[0] != '0' ? holder : "unknown");
  return -1;
}

int
lodge_lock_open (const char *path, GError **error)
{
  /* Close-on-exec: a program that outlives us must not keep the lock. */
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  g_autofree char *text = NULL;

  if (fd == -1)
    {
      lodge_error_set_errno (error, errno, "open %s (setup needs root)", path);
      return -1;
    }
  if (fcntl (fd, F_OFD_SETLK, &whole) == -1)
    {
      if (errno == EAGAIN || errno == EACCES)
        return refuse (path, fd, error);
      lodge_error_set_errno (error, errno, "lock %s", path);
      close (fd);
      return -1;
    }
  /* For the message of the one that comes second; the lock does not hang on it. */
  text = g_strdup_printf ("%ld\n", (long)getpid ());
  if (ftruncate (fd, 0) == -1 || pwrite (fd, text, strlen (text), 0) == -1)
    {
      lodge_error_set_errno (error, errno, "write %s", path);
      close (fd);
      return -1;
    }
  return fd;
}

gboolean
lodge_lock_take (const char *path, GError **error)
{
  /* The descriptor stays open: it is the lock. */
  return lodge_lock_open (path, error) != -1;
}
