/* Signals end the step that runs, though the main thread is busy in a program or a foreign library.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/run.h"
#include "firstboot/interrupt.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child waits for a program that would take an hour; exit status 7 when that was cancelled,
 * 8 when by Ctrl-C. */
static void
run_child (int ready, int number)
{
  static const char *const argv[] = { "sleep", "3600", NULL };
  g_autoptr (LodgeInterrupt) interrupt = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  gboolean given_up;

  /* Whatever runs the tests may ignore it (nohup(1), a shell's background job), and an ignored
   * signal is left alone. */
  signal (number, SIG_DFL);
  interrupt = lodge_interrupt_new ();
  if (write (ready, "r", 1) != 1)
    _exit (1);
  output = lodge_run (argv, NULL, lodge_interrupt_cancellable (interrupt), &error);
  given_up = lodge_interrupt_has (interrupt, SIGINT);
  g_clear_pointer (&interrupt, lodge_interrupt_free);
  _exit (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? (given_up ? 8 : 7) : 1);
}

static void
test_signal (gconstpointer data)
{
  int ready[2], status;
  char byte;
  pid_t child;

  g_assert_cmpint (pipe (ready), ==, 0);
  child = fork ();
  g_assert_cmpint (child, !=, -1);
  if (child == 0)
    run_child (ready[1], GPOINTER_TO_INT (data));
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  g_assert_cmpint (kill (child, GPOINTER_TO_INT (data)), ==, 0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, GPOINTER_TO_INT (data) == SIGINT ? 8 : 7);
  close (ready[0]);
  close (ready[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/interrupt/term", GINT_TO_POINTER (SIGTERM), test_signal);
  g_test_add_data_func ("/interrupt/int", GINT_TO_POINTER (SIGINT), test_signal);
  g_test_add_data_func ("/interrupt/hup", GINT_TO_POINTER (SIGHUP), test_signal);
  return g_test_run ();
}
