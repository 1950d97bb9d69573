/* The second signal: kills, waits for what cleans up after itself, removes what is registered.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/interrupt.h"
#include "common/run.h"
#include "tests/unit/fixture.h"
#include "tests/unit/valgrind.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
tell (int fd)
{
  if (write (fd, "x", 1) != 1)
    _exit (9);
}

/* What a foreign library does: it works with a process that knows of no cancelling, and has to tidy
 * up a while when that has been killed. */
static void
run_child (int ready, const char *registered, const char *tidied)
{
  static const char *const argv[] = { "sleep", "3600", NULL };
  LodgeInterrupt *interrupt = lodge_interrupt_new ();
  GCancellable *cancellable = lodge_interrupt_cancellable (interrupt);
  GCancellable *stand_in = g_cancellable_new ();
  GPollFD cancelled;

  lodge_interrupt_share (cancellable, stand_in);
  lodge_interrupt_clean (stand_in, registered);
  lodge_interrupt_hold (stand_in);
  tell (ready);
  g_cancellable_make_pollfd (cancellable, &cancelled);
  g_poll (&cancelled, 1, -1);
  tell (ready);
  g_free (lodge_run (argv, NULL, NULL, NULL));
  g_usleep (G_USEC_PER_SEC / 4);
  g_file_set_contents (tidied, "", 0, NULL);
  lodge_interrupt_release (stand_in);
  pause (); /* the second signal ends it */
}

/* Until PROCESS has a child, within ten seconds. */
static void
wait_for_child (pid_t process)
{
  g_autofree char *tasks = g_strdup_printf ("/proc/%d/task", (int)process);
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < end)
    {
      g_autoptr (GDir) directory = g_dir_open (tasks, 0, NULL);
      const char *task;

      while (directory != NULL && (task = g_dir_read_name (directory)) != NULL)
        {
          g_autofree char *path = g_build_filename (tasks, task, "children", NULL);
          g_autofree char *children = lodge_file_read (path, 4096, NULL, NULL);

          if (children != NULL && *children != '\0')
            return;
        }
      g_usleep (10000);
    }
  g_assert_not_reached ();
}

static void
test_second_signal (void)
{
  g_autofree char *directory = make_directory ();
  g_autofree char *registered = g_build_filename (directory, "registered", NULL);
  g_autofree char *tidied = g_build_filename (directory, "tidied", NULL);
  gint64 begin;
  int ready[2], status;
  char byte;
  pid_t child;

  if (skip_under_valgrind ("under valgrind nothing is at once"))
    {
      remove_directory (directory);
      return;
    }
  g_assert_true (g_file_set_contents (registered, "", 0, NULL));
  g_assert_cmpint (pipe (ready), ==, 0);
  child = fork ();
  g_assert_cmpint (child, !=, -1);
  if (child == 0)
    run_child (ready[1], registered, tidied);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  g_assert_cmpint (kill (child, SIGTERM), ==, 0);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  wait_for_child (child);
  begin = g_get_monotonic_time ();
  g_assert_cmpint (kill (child, SIGTERM), ==, 0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, EXIT_FAILURE);
  g_assert_cmpint ((g_get_monotonic_time () - begin) / G_USEC_PER_SEC, <, 4);
  g_assert_true (g_file_test (tidied, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (registered, G_FILE_TEST_EXISTS));
  close (ready[0]);
  close (ready[1]);
  remove_directory (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/interrupt/second-signal", test_second_signal);
  return g_test_run ();
}
