/* Signals: the first triggers the cancellable, the second kills, cleans and ends.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/interrupt.h"
#include "tests/unit/fixture.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIRECTORY_VARIABLE "LODGE_TEST_DIRECTORY"

static char *
name_file (const char *name)
{
  return g_build_filename (g_getenv (DIRECTORY_VARIABLE), name, NULL);
}

static void
write_file (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* A child with a child of its own, which writes its number to the file "sleeper". */
static void
start_sleepers (void)
{
  g_autofree char *path = name_file ("sleeper");

  if (fork () != 0)
    return;
  if (fork () == 0)
    {
      g_autofree char *number = g_strdup_printf ("%d", (int)getpid ());

      write_file (path, number);
    }
  for (;;)
    pause ();
}

/* Runs in a process of its own, which the second signal ends. */
static void
test_child (void)
{
  g_autofree char *removed = name_file ("removed");
  g_autofree char *inside = g_build_filename (removed, "inside", NULL);
  g_autofree char *kept = name_file ("kept");
  g_autofree char *sleeper = name_file ("sleeper");
  LodgeInterrupt *interrupt;
  GCancellable *cancellable;
  g_autoptr (GCancellable) stand_in = NULL;

  start_sleepers ();
  while (!g_file_test (sleeper, G_FILE_TEST_EXISTS))
    g_usleep (1000);
  interrupt = lodge_interrupt_new ();
  cancellable = lodge_interrupt_cancellable (interrupt);
  stand_in = g_cancellable_new ();
  g_assert_cmpint (g_mkdir (removed, 0700), ==, 0);
  write_file (inside, "x");
  write_file (kept, "x");
  lodge_interrupt_share (cancellable, stand_in);
  lodge_interrupt_clean (stand_in, removed);
  lodge_interrupt_clean (cancellable, kept);
  lodge_interrupt_keep (cancellable, kept);
  g_assert_cmpint (lodge_interrupt_signal (interrupt), ==, 0);

  kill (getpid (), SIGTERM);
  while (!g_cancellable_is_cancelled (cancellable))
    g_usleep (1000);
  g_assert_cmpint (lodge_interrupt_signal (interrupt), ==, SIGTERM);
  g_assert_true (g_file_test (inside, G_FILE_TEST_EXISTS));
  kill (getpid (), SIGHUP);
  for (;;)
    pause ();
}

/* A process that has ended, whether or not somebody has taken notice. */
static gboolean
has_ended (const char *process)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/stat", process);
  g_autofree char *text = NULL;

  return !g_file_get_contents (path, &text, NULL, NULL) || strstr (text, ") Z ") != NULL;
}

static void
test_second_signal (void)
{
  g_autofree char *directory = make_directory ();
  g_autofree char *removed = g_build_filename (directory, "removed", NULL);
  g_autofree char *kept = g_build_filename (directory, "kept", NULL);
  g_autofree char *sleeper = g_build_filename (directory, "sleeper", NULL);
  g_autofree char *number = NULL;
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  g_assert_true (g_setenv (DIRECTORY_VARIABLE, directory, TRUE));
  g_test_trap_subprocess ("/interrupt/second-signal/subprocess", 60 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*lodge: stopped at once*");
  g_assert_false (g_file_test (removed, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (sleeper, &number, NULL, NULL));
  while (!has_ended (number) && g_get_monotonic_time () < end)
    g_usleep (1000);
  g_assert_true (has_ended (number));
  remove_directory (directory);
}

/* Ended before its thread has begun to run, as a command that only prints does. */
static void
test_short_life (void)
{
  for (guint i = 0; i < 200; i++)
    lodge_interrupt_free (lodge_interrupt_new ());
  lodge_interrupt_free (NULL);
}

/* nohup(1): a signal that is ignored stays so. */
static void
test_ignored (void)
{
  struct sigaction present;
  LodgeInterrupt *interrupt;

  signal (SIGHUP, SIG_IGN);
  interrupt = lodge_interrupt_new ();
  g_assert_cmpint (sigaction (SIGHUP, NULL, &present), ==, 0);
  g_assert_true (present.sa_handler == SIG_IGN);
  lodge_interrupt_free (interrupt);
  signal (SIGHUP, SIG_DFL);
}

/* A cancellable of someone else's, and none. */
static void
test_stranger (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  lodge_interrupt_clean (NULL, "/nonexistent");
  lodge_interrupt_keep (NULL, "/nonexistent");
  lodge_interrupt_clean (cancellable, "/nonexistent");
  lodge_interrupt_keep (cancellable, "/nonexistent");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/interrupt/second-signal", test_second_signal);
  /* GTest runs what is called so only when asked for it. */
  g_test_add_func ("/interrupt/second-signal/subprocess", test_child);
  g_test_add_func ("/interrupt/short-life", test_short_life);
  g_test_add_func ("/interrupt/ignored", test_ignored);
  g_test_add_func ("/interrupt/stranger", test_stranger);
  return g_test_run ();
}
