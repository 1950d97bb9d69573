/* The kernel's messages, away from the consoles while screens are on them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who wants them off has a shared lock (fcntl(2), F_OFD_SETLK: the kernel gives it back however the
 * process ends) on one byte of the file; another byte is locked for as long as it takes to look who
 * is there and to tell the kernel, so that nobody comes or goes in between.
 */
#include "firstboot/kernel-messages.h"

#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/klog.h>
#include <unistd.h>

/* klogctl(2) */
#define CONSOLE_OFF 6
#define CONSOLE_ON 7
/* Bytes of the file, which has none. */
#define TURN 0
#define HOLDERS 1

static gboolean
lock (int fd, short type, off_t byte)
{
  struct flock range = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
  int result;

  do
    result = fcntl (fd, F_OFD_SETLKW, &range);
  while (result == -1 && errno == EINTR);
  return result == 0;
}

/* Whether the lock of another descriptor stands on the byte. */
static gboolean
is_held (int fd, off_t byte)
{
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

  return fcntl (fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

static int
open_file (const char *path, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path);
  int fd;

  if (g_mkdir_with_parents (directory, 0700) == -1)
    {
      lodge_error_set_errno (error, errno, "make %s", directory);
      return -1;
    }
  fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd == -1)
    lodge_error_set_errno (error, errno, "open %s", path);
  return fd;
}

int
lodge_kernel_messages_off (const char *path, GError **error)
{
  int fd = open_file (path, error);

  if (fd == -1)
    return -1;
  if (!lock (fd, F_WRLCK, TURN) || !lock (fd, F_RDLCK, HOLDERS))
    lodge_error_set_errno (error, errno, "lock %s", path);
  else if (klogctl (CONSOLE_OFF, NULL, 0) == -1)
    lodge_error_set_errno (error, errno, "turn the kernel's messages off");
  else
    {
      lock (fd, F_UNLCK, TURN);
      return fd;
    }
  close (fd);
  return -1;
}

void
lodge_kernel_messages_on (const char *path, int hold)
{
  int fd = hold != -1 ? hold : open_file (path, NULL);

  if (fd == -1)
    return;
  if (lock (fd, F_WRLCK, TURN) && !is_held (fd, HOLDERS))
    klogctl (CONSOLE_ON, NULL, 0);
  close (fd);
}
