/* The terminal that the wizard runs on.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/terminal.h"

#include "common/error.h"
#include "firstboot/kernel-messages.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* A line of 1200 baud would do it in that time. */
#define ANSWER_MILLISECONDS 500
/* In the C library itself since glibc 2.35; before, the distributions' own have it. */
#define UTF8_LOCALE "C.UTF-8"

struct _LodgeTerminal
{
  struct termios settings;
  int kernel_messages; /* what they are off by, or -1 */
  gboolean asked;      /* for its size */
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

/* --- asking the terminal --- */

/* Takes the answer out of what was TYPED, which keys may stand around. */
static gboolean
take_answer (GString *typed, guint *row, guint *column)
{
  for (gsize i = 0; i < typed->len; i++)
    {
      int length = 0;

      if (sscanf (typed->str + i, "\033[%u;%uR%n", row, column, &length) == 2 && length > 0)
        {
          g_string_erase (typed, (gssize)i, length);
          return TRUE;
        }
    }
  return FALSE;
}

/* Asks QUESTION, in which the terminal is to tell where its cursor is (ECMA-48, CPR), as every one
 * of the last forty years does.  FALSE when none answers in time: nobody may be at the other end.
 * TYPED gets what else came. */
static gboolean
ask_position (const char *question, GString *typed, guint *row, guint *column)
{
  gint64 deadline = g_get_monotonic_time () + ANSWER_MILLISECONDS * 1000;

  if (write (STDOUT_FILENO, question, strlen (question)) == -1)
    return FALSE;
  while (!take_answer (typed, row, column))
    {
      struct pollfd waiting = { .fd = STDIN_FILENO, .events = POLLIN };
      gint64 left = (deadline - g_get_monotonic_time ()) / 1000;
      char some[64];
      ssize_t got;
      int ready;

      if (left <= 0)
        return FALSE;
      /* A signal does not end it: the answer that is on its way would be taken for keys. */
      ready = poll (&waiting, 1, (int)left);
      got = ready == 1 ? read (STDIN_FILENO, some, sizeof some) : ready;
      if (got == -1 && errno == EINTR)
        continue;
      if (got <= 0)
        return FALSE;
      g_string_append_len (typed, some, got);
    }
  return TRUE;
}

/* In the environment too: slang reads the locale from there once more. */
static void
use_utf8 (void)
{
  if (g_getenv ("LC_ALL") != NULL)
    g_setenv ("LC_ALL", UTF8_LOCALE, TRUE);
  g_setenv ("LC_CTYPE", UTF8_LOCALE, TRUE);
  setlocale (LC_CTYPE, UTF8_LOCALE);
}

/* Whether ASK got its answer; TYPED gets what came meanwhile. */
static gboolean
in_raw_mode (const struct termios *settings, gboolean (*ask) (GString *typed), GString *typed)
{
  gboolean answered;

  struct termios raw = *settings;

  cfmakeraw (&raw);
  if (tcsetattr (STDIN_FILENO, TCSANOW, &raw) == -1)
    return FALSE;
  answered = ask (typed);
  tcsetattr (STDIN_FILENO, TCSANOW, settings);
  return answered;
}

/* "\xc3\xa4" is one letter in UTF-8, and two in every other set. */
static gboolean
ask_for_utf8 (GString *typed)
{
  static const char wipe[] = "\r  \r";
  guint row, column = 0;
  gboolean answered = ask_position ("\r\xc3\xa4\033[6n", typed, &row, &column);

  if (answered && column == 2)
    use_utf8 ();
  return write (STDOUT_FILENO, wipe, sizeof wipe - 1) != -1 && answered;
}

static gboolean
knows_size (void)
{
  struct winsize size = { 0 };

  return ioctl (STDIN_FILENO, TIOCGWINSZ, &size) == -1 || (size.ws_row > 0 && size.ws_col > 0);
}

/* The cursor goes as far as it can, and back (DECSC, DECRC): slang remembers where it is. */
static gboolean
ask_for_size (GString *typed)
{
  struct winsize size = { 0 };
  guint row = 0, column = 0;
  gboolean answered = ask_position ("\0337\033[999;999H\033[6n\0338", typed, &row, &column);

  if (answered && row >= 16 && row <= 500 && column >= 60 && column <= 500)
    {
      size.ws_row = (unsigned short)row;
      size.ws_col = (unsigned short)column;
    }
  else if (knows_size ())
    return answered;
  else
    {
      size.ws_row = 24;
      size.ws_col = 80;
    }
  ioctl (STDIN_FILENO, TIOCSWINSZ, &size);
  return answered;
}

/* A serial line does not know its size. */
static void
set_size (LodgeTerminal *terminal)
{
  g_autoptr (GString) typed = g_string_new (NULL);

  terminal->asked = !knows_size ();
  if (terminal->asked)
    in_raw_mode (&terminal->settings, ask_for_size, typed);
}

gboolean
lodge_terminal_is_asked (const LodgeTerminal *terminal)
{
  return terminal->asked;
}

gboolean
lodge_terminal_ask_again (const LodgeTerminal *terminal, GString *typed)
{
  struct termios now;

  return terminal->asked && tcgetattr (STDIN_FILENO, &now) == 0
         && in_raw_mode (&now, ask_for_size, typed);
}

/* What the environment says counts, also where its locale is not installed; a service on a console
 * has none. */
static void
set_character_set (const struct termios *settings)
{
  static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
  g_autoptr (GString) typed = g_string_new (NULL);

  if (g_get_charset (NULL))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *value = g_getenv (names[i]);

      if (value == NULL || value[0] == '\0')
        continue;
      if (g_str_has_suffix (value, ".UTF-8") || g_str_has_suffix (value, ".utf8"))
        use_utf8 ();
      return;
    }
  in_raw_mode (settings, ask_for_utf8, typed);
}

static void
mute (LodgeTerminal *terminal)
{
  const char *name = ttyname (STDIN_FILENO);

  /* Only on the consoles themselves; errors (not root, a container) leave them as they were. */
  if (!g_str_has_prefix (name != NULL ? name : "", "/dev/pts/"))
    terminal->kernel_messages = lodge_kernel_messages_off (LODGE_KERNEL_MESSAGES_FILE, NULL);
}

LodgeTerminal *
lodge_terminal_take (GError **error)
{
  LodgeTerminal *terminal = g_new0 (LodgeTerminal, 1);

  terminal->kernel_messages = -1;
  if (tcgetattr (STDIN_FILENO, &terminal->settings) == -1)
    {
      lodge_error_set_errno (error, errno, "standard input is no terminal, which the wizard needs");
      g_free (terminal);
      return NULL;
    }
  if (!terminfo_knows (g_getenv ("TERM")))
    g_setenv ("TERM", "vt220", TRUE);
  g_setenv ("NEWT_NOFLOWCTRL", "1", TRUE);
  set_size (terminal);
  set_character_set (&terminal->settings);
  mute (terminal);
  return terminal;
}

/* Runs CALL although another group of processes may be in the foreground, as a shell that was
 * killed leaves it: the kernel stops who does not block SIGTTOU then. */
static void
from_background (void (*call) (const LodgeTerminal *terminal), const LodgeTerminal *terminal)
{
  sigset_t stop, before;

  sigemptyset (&stop);
  sigaddset (&stop, SIGTTOU);
  pthread_sigmask (SIG_BLOCK, &stop, &before);
  call (terminal);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
}

static void
come_to_front (const LodgeTerminal *terminal)
{
  (void)terminal;
  /* Without effect where the terminal is not the one that controls us. */
  tcsetpgrp (STDIN_FILENO, getpgrp ());
}

static void
put_settings_back (const LodgeTerminal *terminal)
{
  tcsetattr (STDIN_FILENO, TCSADRAIN, &terminal->settings);
}

void
lodge_terminal_take_again (LodgeTerminal *terminal)
{
  from_background (come_to_front, terminal);
  mute (terminal);
}

void
lodge_terminal_give_back (LodgeTerminal *terminal)
{
  from_background (put_settings_back, terminal);
  if (terminal->kernel_messages != -1)
    lodge_kernel_messages_on (LODGE_KERNEL_MESSAGES_FILE, terminal->kernel_messages);
  terminal->kernel_messages = -1;
}

void
lodge_terminal_free (LodgeTerminal *terminal)
{
  g_free (terminal);
}
