/* Running another program.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/run.h"
#include "common/error.h"
#include "common/printable.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs in the child between fork and exec, where only system calls are safe in a threaded program;
 * these few are nothing else.
 *
 * PR_SET_PDEATHSIG fires when the *thread* that forked ends.  That thread sits in run() until the
 * child is reaped, so here it can only end with the whole process.  Without the signal a killed
 * lodge-firstboot would leave an mkfs behind that writes into the work of the run after it. */
static void
prepare_child (gpointer data)
{
  pid_t parent = (pid_t)GPOINTER_TO_INT (data);
  sigset_t none;

  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  setpgid (0, 0); /* so that what it starts can be killed with it */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != parent) /* it ended before prctl() */
    _exit (127);
}

/* A descriptor from which INPUT can be read, or -1 with ERROR set.  Memory and not a pipe: a
 * program that ends without reading its input would have us killed by SIGPIPE, which is not ours to
 * ignore for the whole process. */
static int
open_input (const char *input, GError **error)
{
  int fd = memfd_create ("lodge-run-input", MFD_CLOEXEC);
  gsize length = strlen (input);

  if (fd < 0)
    {
      lodge_error_set_errno (error, errno, "make room for a program's input");
      return -1;
    }
  while (length > 0)
    {
      ssize_t written = TEMP_FAILURE_RETRY (write (fd, input, length));

      if (written < 0)
        {
          lodge_error_set_errno (error, errno, "store a program's input");
          close (fd);
          return -1;
        }
      input += written;
      length -= (gsize)written;
    }
  lseek (fd, 0, SEEK_SET);
  return fd;
}

static GSubprocess *
spawn (const char *const *argv, const char *input, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) failure = NULL;

  if (input != NULL)
    {
      int fd = open_input (input, error);

      if (fd < 0)
        return NULL;
      g_subprocess_launcher_take_stdin_fd (launcher, fd);
    }
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  g_subprocess_launcher_unsetenv (launcher, "LANGUAGE"); /* gettext obeys it in C.UTF-8 too */
  g_subprocess_launcher_set_child_setup (launcher, prepare_child, GINT_TO_POINTER ((int)getpid ()),
                                         NULL);
  process = g_subprocess_launcher_spawnv (launcher, argv, &failure);
  if (process != NULL)
    return g_steal_pointer (&process);
  if (g_error_matches (failure, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
    lodge_error_set (error, LODGE_ERROR_FAILED, "%s is not installed", argv[0]);
  else
    lodge_error_set (error, LODGE_ERROR_FAILED, "%s cannot be run: %s", argv[0], failure->message);
  return NULL;
}

/* The last line of TEXT with something in it, or NULL.  A carriage return ends a line too (progress
 * meters), and control characters are removed: the line will be shown on a console. */
static char *
last_line (GBytes *text)
{
  gsize length;
  const char *data = g_bytes_get_data (text, &length);
  g_autofree char *valid = g_utf8_make_valid (data != NULL ? data : "", (gssize)length);
  g_auto (GStrv) lines = g_strsplit_set (valid, "\r\n", -1);

  for (guint i = g_strv_length (lines); i > 0; i--)
    {
      g_autofree char *line = g_strstrip (lodge_printable (lines[i - 1], -1));

      if (*line != '\0')
        return g_steal_pointer (&line);
    }
  return NULL;
}

/* Fills ERROR with how PROCESS ended. */
static void
set_failure (GSubprocess *process, const char *program, GBytes *messages, GError **error)
{
  g_autofree char *name = g_path_get_basename (program);
  g_autofree char *prefix = g_strconcat (name, ":", NULL);
  g_autofree char *line = last_line (messages);

  if (g_subprocess_get_if_signaled (process))
    lodge_error_set (error, LODGE_ERROR_FAILED, "%s: killed by signal %d (%s)%s%s", name,
                     g_subprocess_get_term_sig (process),
                     g_strsignal (g_subprocess_get_term_sig (process)), line != NULL ? ": " : "",
                     line != NULL ? line : "");
  else if (line == NULL)
    lodge_error_set (error, LODGE_ERROR_FAILED, "%s: ended with exit status %d", name,
                     g_subprocess_get_exit_status (process));
  else if (g_str_has_prefix (line, prefix)) /* most programs say their name themselves */
    lodge_error_set (error, LODGE_ERROR_FAILED, "%s", line);
  else
    lodge_error_set (error, LODGE_ERROR_FAILED, "%s: %s", name, line);
}

/* Kills PROCESS and all that it started: a grandchild that lived on would hold our pipes open. */
static void
on_cancelled (GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  const char *identifier = g_subprocess_get_identifier (data);

  if (identifier != NULL) /* NULL: it has ended */
    kill (-(pid_t)g_ascii_strtoll (identifier, NULL, 10), SIGKILL);
}

/* Reads what PROCESS says until it ends or is killed.  CANCELLABLE is not GLib's to watch: with
 * 2.74, g_subprocess_communicate() may free a source of a main context that is gone already, and
 * lock up. */
static gboolean
communicate (GSubprocess *process, GCancellable *cancellable, GBytes **output, GBytes **messages,
             GError **error)
{
  gulong handler = 0;
  gboolean ok;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), g_object_ref (process),
                                     g_object_unref);
  /* It drains both pipes at once, so none can fill up and block the program. */
  ok = g_subprocess_communicate (process, NULL, NULL, output, messages, error);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, handler);
  return ok && !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* Runs ARGV to its end.  STATUS NULL: any end but exit status 0 is an error. */
static char *
run (const char *const *argv, const char *input, int *status, GCancellable *cancellable,
     GError **error)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GBytes) output = NULL;
  g_autoptr (GBytes) messages = NULL;
  gsize length;
  const char *data;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  process = spawn (argv, input, error);
  if (process == NULL)
    return NULL;
  if (!communicate (process, cancellable, &output, &messages, error))
    {
      g_subprocess_force_exit (process);
      g_subprocess_wait (process, NULL, NULL);
      return NULL;
    }
  if (!g_subprocess_get_if_exited (process)
      || (status == NULL && g_subprocess_get_exit_status (process) != 0))
    {
      set_failure (process, argv[0], messages, error);
      return NULL;
    }
  if (status != NULL)
    *status = g_subprocess_get_exit_status (process);
  data = g_bytes_get_data (output, &length);
  if (length > 0 && data[length - 1] == '\n')
    length--;
  return g_strndup (data != NULL ? data : "", length);
}

char *
lodge_run (const char *const *argv, const char *input, GCancellable *cancellable, GError **error)
{
  return run (argv, input, NULL, cancellable, error);
}

char *
lodge_run_status (const char *const *argv, const char *input, int *status,
                  GCancellable *cancellable, GError **error)
{
  return run (argv, input, status, cancellable, error);
}

char *
lodge_run_list (GError **error, const char *program, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  va_list arguments;

  va_start (arguments, program);
  for (const char *argument = program; argument != NULL; argument = va_arg (arguments, char *))
    g_ptr_array_add (argv, (gpointer)argument);
  va_end (arguments);
  g_ptr_array_add (argv, NULL);
  return run ((const char *const *)argv->pdata, NULL, NULL, NULL, error);
}
