/* The terminal that the wizard runs on.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/terminal.h"

#include "common/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <termios.h>
#include <unistd.h>

/* klogctl(2) */
#define CONSOLE_OFF 6
#define CONSOLE_ON 7

struct _LodgeTerminal
{
  struct termios settings;
  gboolean muted;
};

char *
lodge_terminal_name (void)
{
  const char *path = ttyname (STDIN_FILENO);

  if (path == NULL)
    return NULL;
  return g_strdup (g_str_has_prefix (path, "/dev/") ? path + strlen ("/dev/") : path);
}

gboolean
lodge_terminal_is_virtual (const char *name)
{
  return g_str_has_prefix (name, "tty") && g_ascii_isdigit (name[3]);
}

/* terminfo(5)'s compiled entries are files called by the terminal's name below its first letter. */
static gboolean
terminfo_knows (const char *term)
{
  static const char *const directories[]
      = { "/etc/terminfo", "/lib/terminfo", "/usr/lib/terminfo", "/usr/share/terminfo" };

  if (term == NULL || term[0] == '\0' || strchr (term, '/') != NULL || g_str_equal (term, "dumb")
      || g_str_equal (term, "unknown"))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      const char letter[] = { term[0], '\0' };
      g_autofree char *path = g_build_filename (directories[i], letter, term, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return TRUE;
    }
  return FALSE;
}

/* A serial line does not know its size. */
static void
set_size (void)
{
  struct winsize size = { 0 };

  if (ioctl (STDIN_FILENO, TIOCGWINSZ, &size) == -1 || (size.ws_row > 0 && size.ws_col > 0))
    return;
  size.ws_row = 24;
  size.ws_col = 80;
  ioctl (STDIN_FILENO, TIOCSWINSZ, &size);
}

LodgeTerminal *
lodge_terminal_take (GError **error)
{
  LodgeTerminal *terminal = g_new0 (LodgeTerminal, 1);

  if (tcgetattr (STDIN_FILENO, &terminal->settings) == -1)
    {
      lodge_error_set_errno (error, errno, "standard input is no terminal, which the wizard needs");
      g_free (terminal);
      return NULL;
    }
  if (!terminfo_knows (g_getenv ("TERM")))
    g_setenv ("TERM", "vt220", TRUE);
  g_setenv ("NEWT_NOFLOWCTRL", "1", TRUE);
  set_size ();
  /* Only on the consoles themselves; errors (not root, a container) leave them as they were. */
  if (!g_str_has_prefix (ttyname (STDIN_FILENO) != NULL ? ttyname (STDIN_FILENO) : "", "/dev/pts/"))
    terminal->muted = klogctl (CONSOLE_OFF, NULL, 0) == 0;
  return terminal;
}

void
lodge_terminal_give_back (LodgeTerminal *terminal)
{
  tcsetattr (STDIN_FILENO, TCSADRAIN, &terminal->settings);
  if (terminal->muted)
    klogctl (CONSOLE_ON, NULL, 0);
  terminal->muted = FALSE;
}

void
lodge_terminal_free (LodgeTerminal *terminal)
{
  g_free (terminal);
}
