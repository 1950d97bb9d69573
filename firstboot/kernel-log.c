/* The kernel's messages of this boot.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/processor.h"
#include "common/probe-files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* "6,339,5140900,-;message\n key=value\n": one record a read, see the kernel's
 * Documentation/ABI/testing/dev-kmsg. */
static void
add_record (GPtrArray *log, char *record)
{
  char *message = strchr (record, ';');
  char *end;

  if (message == NULL)
    return;
  message++;
  end = strchr (message, '\n');
  if (end != NULL)
    *end = '\0';
  g_ptr_array_add (log, g_strdup (message));
}

/* What is left to be read from FD. */
static void
add_records (GPtrArray *log, int fd)
{
  char record[8192 + 1]; /* the kernel's longest record, CONSOLE_EXT_LOG_MAX */

  for (;;)
    {
      gssize got = read (fd, record, sizeof record - 1);

      /* EPIPE: the record was overwritten before it was read; the next read gives the oldest left.
       */
      if (got < 0 && (errno == EPIPE || errno == EINTR))
        continue;
      if (got <= 0)
        break;
      record[got] = '\0';
      add_record (log, record);
    }
}

GPtrArray *
lodge_kernel_log (const LodgeProbe *probe)
{
  GPtrArray *log = g_ptr_array_new_with_free_func (g_free);
  int fd;

  if (lodge_probe_is_captured (probe))
    {
      g_autofree char *text = lodge_probe_read (probe, LODGE_CAPTURE_DIRECTORY "/kernel-log");
      g_auto (GStrv) lines = g_strsplit (text == NULL ? "" : text, "\n", -1);

      for (gsize i = 0; lines[i] != NULL; i++)
        g_ptr_array_add (log, g_strdup (lines[i]));
      return log;
    }
  fd = open ("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return log;
  add_records (log, fd);
  close (fd);
  return log;
}

int
lodge_kernel_log_mark (void)
{
  int fd = open ("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

  if (fd >= 0)
    lseek (fd, 0, SEEK_END);
  return fd;
}

GPtrArray *
lodge_kernel_log_since (int mark)
{
  GPtrArray *log = g_ptr_array_new_with_free_func (g_free);

  if (mark >= 0)
    {
      add_records (log, mark);
      close (mark);
    }
  return log;
}
