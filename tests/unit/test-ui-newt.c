/* The terminal of the newt interface while a shell has it, and when it goes meanwhile.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/ui.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <slang.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

enum
{
  WRONG = 10, /* what the child ends with: which of the assertions below did not hold */
  WRONG_KEYS,
  WRONG_INPUT,
};

static char *
title (void)
{
  return g_strdup ("A test");
}

static void
nothing (int number)
{
  (void)number;
}

/* Has the parent hang the terminal up. */
static gboolean
hang_up (int parent)
{
  char word = 0;

  return write (parent, &word, 1) == 1 && read (parent, &word, 1) == 1;
}

/* In a process of its own: suspended, hung up and told so, the interface leaves alone what is not
 * its own. */
static int
be_suspended (int parent)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  LodgeUi *ui = lodge_ui_newt_new (title, cancellable, NULL);
  struct stat keys_before, keys_after, input_before, input_after;
  int keys = SLang_TT_Read_FD;

  if (ui == NULL || signal (SIGHUP, nothing) == SIG_ERR)
    return WRONG;
  lodge_ui_suspend (ui);
  /* The number that slang had is another file's now. */
  if (dup2 (open ("/dev/null", O_RDONLY), keys) != keys || fstat (keys, &keys_before) == -1
      || fstat (STDIN_FILENO, &input_before) == -1 || !hang_up (parent))
    return WRONG;
  g_cancellable_cancel (cancellable);
  if (fstat (keys, &keys_after) == -1 || keys_after.st_rdev != keys_before.st_rdev)
    return WRONG_KEYS;
  if (fstat (STDIN_FILENO, &input_after) == -1 || input_after.st_rdev != input_before.st_rdev)
    return WRONG_INPUT;
  return 0;
}

/* Reads away what is written to the terminal until CHILD wants it hung up. */
static void
play_terminal (int master, int child)
{
  struct pollfd waiting[]
      = { { .fd = master, .events = POLLIN }, { .fd = child, .events = POLLIN } };
  char some[256];

  while (poll (waiting, 2, -1) > 0 && waiting[1].revents == 0)
    if (read (master, some, sizeof some) == -1)
      break;
  close (master);
  if (read (child, some, 1) == 1)
    g_assert_cmpint (write (child, some, 1), ==, 1);
}

static void
test_suspended (void)
{
  const struct winsize size = { .ws_row = 24, .ws_col = 80 };
  int master, terminal, status = -1;
  int pair[2];
  pid_t child;

  g_assert_cmpint (openpty (&master, &terminal, NULL, NULL, &size), ==, 0);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
  g_setenv ("TERM", "vt220", TRUE);
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  child = fork ();
  if (child == 0)
    {
      close (master);
      close (pair[0]);
      _exit (login_tty (terminal) == 0 ? be_suspended (pair[1]) : WRONG);
    }
  close (terminal);
  close (pair[1]);
  play_terminal (master, pair[0]);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  close (pair[0]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui-newt/suspended", test_suspended);
  return g_test_run ();
}
