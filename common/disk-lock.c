/* The lock of a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/disk-lock.h"
#include "common/error.h"
#include "common/translate.h"

#include <errno.h>
#include <sys/file.h>

/* udev holds its shared lock for as long as it looks at the disk. */
gboolean
lodge_disk_lock (int fd, const char *name, GCancellable *cancellable, GError **error)
{
  enum
  {
    BOUND = 60,  /* seconds */
    PERIOD = 50, /* milliseconds: flock(2) cannot wait with a bound */
  };
  gint64 end = g_get_monotonic_time () + BOUND * G_TIME_SPAN_SECOND;

  while (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      if (errno != EWOULDBLOCK && errno != EINTR)
        return lodge_error_set_errno (error, errno, "lock %s", name);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (g_get_monotonic_time () > end)
        return lodge_error_set (
            error, LODGE_ERROR_FAILED,
            N_ ("%s has been locked by another program for %d seconds; end that "
                "program and try again"),
            name, BOUND);
      g_usleep (PERIOD * 1000);
    }
  return TRUE;
}
