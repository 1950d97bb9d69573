/* Writing to consoles that may be dead.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two things about a serial line can block for ever or for long: write(2) with a full buffer, and
 * close(2), which waits for the buffer to drain (tty_port's closing_wait, 30 seconds).  So writing
 * does not block, draining is watched, and what was not taken in time is thrown away before
 * closing.
 */
#include "firstboot/console.h"

#include "common/error.h"
#include "firstboot/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* At 115200 baud a line of 200 characters takes 20 ms, at 9600 baud 200 ms. */
#define BOUND_MILLISECONDS 2000
#define DRAIN_INTERVAL_MILLISECONDS 10
#define HOLD_DIRECTORY "/run/lodge"

GStrv
lodge_console_names (const char *root)
{
  g_autofree char *path
      = g_build_filename (root[0] ? root : "/", "sys/class/tty/console/active", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  g_ptr_array_add (names, g_strdup ("tty1"));
  if (g_file_get_contents (path, &text, NULL, NULL))
    {
      words = g_strsplit_set (g_strstrip (text), " \n", -1);
      for (guint i = 0; words[i] != NULL; i++)
        if (words[i][0] != '\0' && !g_str_equal (words[i], "tty0")
            && !g_str_equal (words[i], "tty1"))
          g_ptr_array_add (names, g_strdup (words[i]));
    }
  g_ptr_array_add (names, NULL);
  return (GStrv)g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

/* A terminal's own line ends, and nothing that could drive it: messages quote what people typed and
 * what disks say of themselves. */
static char *
terminal_text (const char *text)
{
  g_autoptr (GString) out = g_string_new ("\r\n");

  for (const char *p = text; *p != '\0'; p++)
    {
      guchar c = (guchar)*p;

      if (c == '\n')
        g_string_append (out, "\r\n");
      else
        g_string_append_c (out, c < 0x20 || c == 0x7f ? '?' : *p);
    }
  if (!g_str_has_suffix (text, "\n"))
    g_string_append (out, "\r\n");
  return g_strdup (out->str);
}

static int
milliseconds_until (gint64 deadline)
{
  gint64 left = (deadline - g_get_monotonic_time ()) / 1000;

  return left > 0 ? (int)left : 0;
}

static gboolean
write_before (int fd, const char *data, size_t length, gint64 deadline)
{
  while (length > 0)
    {
      struct pollfd waiting = { .fd = fd, .events = POLLOUT };
      ssize_t written = write (fd, data, length);

      if (written >= 0)
        {
          data += written;
          length -= (size_t)written;
          continue;
        }
      if (errno == EINTR)
        continue;
      if (errno != EAGAIN || milliseconds_until (deadline) == 0)
        return FALSE;
      if (poll (&waiting, 1, milliseconds_until (deadline)) == -1 && errno != EINTR)
        return FALSE;
      if (waiting.revents & (POLLERR | POLLHUP | POLLNVAL))
        return FALSE;
    }
  return TRUE;
}

/* The kernel tells how much is left to send, but not when that changes. */
static gboolean
drain_before (int fd, gint64 deadline)
{
  int left = 0;

  while (ioctl (fd, TIOCOUTQ, &left) == 0 && left > 0)
    {
      if (milliseconds_until (deadline) == 0)
        return FALSE;
      poll (NULL, 0, DRAIN_INTERVAL_MILLISECONDS);
    }
  return TRUE;
}

static gboolean
write_to (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  gint64 deadline = g_get_monotonic_time () + (gint64)BOUND_MILLISECONDS * 1000;
  gboolean taken;

  if (fd == -1)
    return FALSE;
  if (!isatty (fd))
    {
      close (fd);
      return FALSE;
    }
  taken = write_before (fd, text, strlen (text), deadline) && drain_before (fd, deadline);
  if (!taken)
    tcflush (fd, TCOFLUSH);
  close (fd);
  return taken;
}

/* --- consoles that show screens --- */

static char *
hold_path (const char *root, const char *name)
{
  return g_strdup_printf ("%s" HOLD_DIRECTORY "/console-%s", root, name);
}

gboolean
lodge_console_hold (const char *root, const char *name, GError **error)
{
  g_auto (GStrv) names = lodge_console_names (root);
  g_autofree char *directory = g_strconcat (root, HOLD_DIRECTORY, NULL);
  g_autofree char *path = NULL;
  g_autoptr (GError) problem = NULL;

  if (!g_strv_contains ((const char *const *)names, name))
    return TRUE;
  path = hold_path (root, name);
  if (g_mkdir_with_parents (directory, 0700) == -1)
    return lodge_error_set_errno (error, errno, "make %s", directory);
  if (lodge_lock_take (path, &problem)
      || g_error_matches (problem, LODGE_ERROR, LODGE_ERROR_REFUSED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gboolean
is_held (const char *root, const char *name)
{
  g_autofree char *path = hold_path (root, name);

  return lodge_lock_is_taken (path);
}

guint
lodge_console_write (const char *root, const char *text, const char *skip)
{
  g_auto (GStrv) names = lodge_console_names (root);
  g_autofree char *clean = terminal_text (text);
  guint count = 0;

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (root[0] ? root : "/", "dev", names[i], NULL);

      if (g_strcmp0 (path, skip) != 0 && !is_held (root, names[i]) && write_to (path, clean))
        count++;
    }
  return count;
}
