/* Running apt's programs with the private configuration.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "builder/apt-private.h"
#include "common/error.h"

/* Between fork and exec, where only system calls are safe. */
static void
prepare_child (gpointer data)
{
  (void)data;
  /* Ctrl-C is for lodge, which ends apt in order. */
  setsid ();
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static GSubprocess *
start (const LodgeApt *apt, const char *const *argv, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr (GError) failure = NULL;
  GSubprocess *process;

  g_subprocess_launcher_setenv (launcher, "APT_CONFIG", apt->config, TRUE);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  g_subprocess_launcher_unsetenv (launcher, "LANGUAGE");
  g_subprocess_launcher_set_child_setup (launcher, prepare_child, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, argv, &failure);
  if (process != NULL)
    return process;
  if (g_error_matches (failure, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
    lodge_error_set (
        error, LODGE_ERROR_FAILED,
        "%s is not installed; install it with: apt-get install apt, or: dnf install apt", argv[0]);
  else
    lodge_error_set (error, LODGE_ERROR_FAILED, "%s cannot be run: %s", argv[0], failure->message);
  return NULL;
}

static gboolean
read_output (GSubprocess *process, GString *output, void (*line) (const char *text, gpointer data),
             gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (GDataInputStream) stream
      = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));

  for (;;)
    {
      g_autoptr (GError) failure = NULL;
      gsize length;
      g_autofree char *raw = g_data_input_stream_read_line (stream, &length, cancellable, &failure);
      g_autofree char *text = NULL;

      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if (raw == NULL)
        return TRUE;
      text = g_utf8_make_valid (raw, (gssize)length);
      g_string_append (output, text);
      g_string_append_c (output, '\n');
      if (line != NULL)
        line (text, data);
    }
}

gboolean
lodge_apt_run (const LodgeApt *apt, const char *const *argv,
               void (*line) (const char *text, gpointer data), gpointer data, char **output,
               int *status, GError **error)
{
  GCancellable *cancellable = apt->build->cancellable;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GSubprocess) process = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  process = start (apt, argv, error);
  if (process == NULL)
    return FALSE;
  if (!read_output (process, text, line, data, cancellable, error))
    {
      g_subprocess_send_signal (process, SIGTERM); /* it takes its own children along */
      g_subprocess_wait (process, NULL, NULL);
      return FALSE;
    }
  if (!g_subprocess_wait (process, NULL, error))
    return FALSE;
  if (!g_subprocess_get_if_exited (process))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s: killed by signal %d", argv[0],
                            g_subprocess_get_term_sig (process));
  *status = g_subprocess_get_exit_status (process);
  *output = g_string_free (g_steal_pointer (&text), FALSE);
  return TRUE;
}
