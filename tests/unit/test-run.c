/* lodge_run(): real programs, their output, failures, cancellation and death.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/run.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* sh is only the test's way to a program that does what is wanted. */
static char *
run_shell (const char *script, const char *input, GCancellable *cancellable, GError **error)
{
  const char *argv[] = { "sh", "-c", script, NULL };

  return lodge_run (argv, input, cancellable, error);
}

static void
test_output (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *hello = lodge_run_list (&error, "printf", "%s\\n", "hello; $HOME", NULL);
  g_autofree char *locale = NULL;
  g_autofree char *input = NULL;
  g_autofree char *none = NULL;
  g_autofree char *empty = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (hello, ==, "hello; $HOME");
  locale = run_shell ("echo $LC_ALL", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (locale, ==, "C.UTF-8");
  input = run_shell ("cat", "one\ntwo\n\n", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (input, ==, "one\ntwo\n");
  none = run_shell ("readlink /proc/self/fd/0", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (none, ==, "/dev/null");
  empty = run_shell ("true", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (empty, ==, "");
}

static void
assert_fails (const char *script, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = run_shell (script, NULL, NULL, &error);

  g_assert_null (output);
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_failure (void)
{
  g_autoptr (GError) error = NULL;

  assert_fails ("echo first >&2; echo last >&2; echo; exit 3", "sh: last");
  assert_fails ("printf 'reason\\n\\n  \\n' >&2; exit 1", "sh: reason");
  assert_fails ("echo 'sh: says its name' >&2; exit 1", "sh: says its name");
  assert_fails ("printf '10%%\\r20%%\\rdisk full\\r' >&2; exit 1", "sh: disk full");
  assert_fails ("printf '\\033[31mred\\033[0m\\377\\n' >&2; exit 1", "sh: [31mred[0m\uFFFD");
  assert_fails ("exit 7", "sh: ended with exit status 7");
  assert_fails ("kill -9 $$", "sh: killed by signal 9 (Killed)");

  g_assert_null (lodge_run_list (&error, "no-such-program-here", NULL));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "no-such-program-here is not installed");
  g_clear_error (&error);
  g_assert_null (lodge_run_list (&error, "/dev/null", NULL));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (error->message, "/dev/null cannot be run: "));
}

static void
test_status (void)
{
  g_autoptr (GError) error = NULL;
  const char *inactive[] = { "sh", "-c", "echo inactive; exit 3", NULL };
  const char *killed[] = { "sh", "-c", "kill -15 $$", NULL };
  int status = -1;
  g_autofree char *output = lodge_run_status (inactive, NULL, &status, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 3);
  g_assert_cmpstr (output, ==, "inactive");
  g_assert_null (lodge_run_status (killed, NULL, &status, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
}

/* More than any pipe holds, in both directions and on both outputs at once. */
static void
test_large (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *input = g_strnfill (4 * 1024 * 1024, 'x');
  g_autofree char *output = run_shell ("tee /dev/stderr", input, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (output), ==, strlen (input));
}

/* A program that does not read its input is not our failure, and SIGPIPE does not kill us. */
static void
test_input_not_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *input = g_strnfill (4 * 1024 * 1024, 'x');
  g_autofree char *output = run_shell ("exec <&-; echo done", input, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "done");
}

static gpointer
cancel_when_started (gpointer data)
{
  GCancellable *cancellable = data;
  const char *started = g_object_get_data (G_OBJECT (cancellable), "started");

  for (int i = 0; i < 3000 && !g_file_test (started, G_FILE_TEST_EXISTS); i++)
    g_usleep (10000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_cancel (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *directory = g_dir_make_tmp ("lodge-test-run-XXXXXX", NULL);
  g_autofree char *started = g_build_filename (directory, "started", NULL);
  g_autofree char *script = g_strdup_printf (
      "trap '' TERM; echo $$ >%s.new; mv %s.new %s; exec sleep 600", started, started, started);
  g_autofree char *pid = NULL;
  GThread *thread;

  g_object_set_data (G_OBJECT (cancellable), "started", started);
  thread = g_thread_new ("cancel", cancel_when_started, cancellable);
  g_assert_null (run_shell (script, NULL, cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  /* Killed and reaped: the process does not even exist as a zombie. */
  g_assert_true (g_file_get_contents (started, &pid, NULL, NULL));
  g_assert_cmpint (kill ((pid_t)atoi (pid), 0), ==, -1);
  g_assert_cmpint (errno, ==, ESRCH);

  /* Cancelled before: nothing is started. */
  g_assert_cmpint (unlink (started), ==, 0);
  g_assert_null (run_shell (script, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_file_test (started, G_FILE_TEST_EXISTS));
  g_assert_cmpint (rmdir (directory), ==, 0);
}

/* The child of a killed parent dies with it: its end of the pipe is closed. */
static void
test_parent_killed (void)
{
  int alive[2];
  char byte;
  pid_t parent;

  g_assert_cmpint (pipe (alive), ==, 0);
  parent = fork ();
  if (parent == 0)
    {
      /* Descriptors above 2 are closed in the child, so it opens ours by path. */
      g_autofree char *script = g_strdup_printf (
          "exec 3>/proc/%d/fd/%d; echo x >&3; exec sleep 600", (int)getpid (), alive[1]);
      g_free (run_shell (script, NULL, NULL, NULL));
      _exit (0);
    }
  close (alive[1]);
  g_assert_cmpint (read (alive[0], &byte, 1), ==, 1);
  g_assert_cmpint (read (alive[0], &byte, 1), ==, 1); /* the newline */
  g_assert_cmpint (kill (parent, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (parent, NULL, 0), ==, parent);
  g_assert_cmpint (read (alive[0], &byte, 1), ==, 0); /* would block while sleep lives */
  close (alive[0]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  /* Before any test starts GLib's worker thread, because it forks. */
  g_test_add_func ("/run/parent-killed", test_parent_killed);
  g_test_add_func ("/run/output", test_output);
  g_test_add_func ("/run/failure", test_failure);
  g_test_add_func ("/run/status", test_status);
  g_test_add_func ("/run/large", test_large);
  g_test_add_func ("/run/input-not-read", test_input_not_read);
  g_test_add_func ("/run/cancel", test_cancel);
  return g_test_run ();
}
