/* Running a program in the sandbox.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/sandbox.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"

/* Nothing of the caller's environment reaches package scripts. */
static const char *const minimal_environment[]
    = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
        "LC_ALL=C.UTF-8", "TERM=dumb", NULL };

const char *const *
lodge_sandbox_environment (void)
{
  return minimal_environment;
}

static GPtrArray *
helper_arguments (const LodgeSandbox *sandbox, const char *const *argv)
{
  GPtrArray *arguments = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (arguments, g_strdup (sandbox->helper));
  g_ptr_array_add (arguments, g_strdup_printf ("--parent=%d", (int)getpid ()));
  if (sandbox->root != NULL)
    g_ptr_array_add (arguments, g_strconcat ("--root=", sandbox->root, NULL));
  if (sandbox->tree)
    g_ptr_array_add (arguments, g_strdup ("--tree"));
  if (sandbox->nested != NULL)
    g_ptr_array_add (arguments, g_strconcat ("--nested=", sandbox->nested, NULL));
  if (sandbox->network)
    g_ptr_array_add (arguments, g_strdup ("--network"));
  if (sandbox->directory != NULL)
    g_ptr_array_add (arguments, g_strconcat ("--chdir=", sandbox->directory, NULL));
  for (guint i = 0; sandbox->binds != NULL && i < sandbox->binds->len; i++)
    g_ptr_array_add (arguments,
                     g_strconcat ("--bind=", (char *)g_ptr_array_index (sandbox->binds, i), NULL));
  g_ptr_array_add (arguments, g_strdup ("--"));
  for (; *argv != NULL; argv++)
    g_ptr_array_add (arguments, g_strdup (*argv));
  g_ptr_array_add (arguments, NULL);
  return arguments;
}

static GSubprocess *
start (const LodgeSandbox *sandbox, const char *const *argv, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr (GPtrArray) arguments = helper_arguments (sandbox, argv);
  g_autoptr (GError) failure = NULL;
  const char *const *environment
      = sandbox->environment != NULL ? sandbox->environment : minimal_environment;
  GSubprocess *process;

  g_subprocess_launcher_set_environ (launcher, (char **)environment);
  process
      = g_subprocess_launcher_spawnv (launcher, (const char *const *)arguments->pdata, &failure);
  if (process == NULL)
    lodge_error_set (error, LODGE_ERROR_FAILED, "%s cannot be run: %s", sandbox->helper,
                     failure->message);
  return process;
}

/* Reads to the end of the output.  *LAST becomes the last line with something in it. */
static gboolean
read_lines (GSubprocess *process, char **last, void (*line) (const char *text, gpointer data),
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

      if (raw == NULL && failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if (raw == NULL)
        return TRUE;
      text = g_utf8_make_valid (raw, (gssize)length);
      if (line != NULL)
        line (text, data);
      g_strstrip (text);
      if (*text != '\0')
        {
          g_free (*last);
          *last = g_steal_pointer (&text);
        }
    }
}

static gboolean
check_end (GSubprocess *process, const char *program, const char *last, GError **error)
{
  g_autofree char *name = g_path_get_basename (program);
  g_autofree char *prefix = g_strconcat (name, ":", NULL);

  if (g_subprocess_get_if_exited (process) && g_subprocess_get_exit_status (process) == 0)
    return TRUE;
  if (last != NULL && g_str_has_prefix (last, "lodge-sandbox: "))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s", last);
  if (g_subprocess_get_if_signaled (process) || g_subprocess_get_exit_status (process) > 128)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s: killed by a signal (%s)%s%s", name,
                            g_strsignal (g_subprocess_get_if_signaled (process)
                                             ? g_subprocess_get_term_sig (process)
                                             : g_subprocess_get_exit_status (process) - 128),
                            last != NULL ? ": " : "", last != NULL ? last : "");
  if (last == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s: ended with exit status %d", name,
                            g_subprocess_get_exit_status (process));
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s%s%s",
                          g_str_has_prefix (last, prefix) ? "" : prefix,
                          g_str_has_prefix (last, prefix) ? "" : " ", last);
}

gboolean
lodge_sandbox_run (const LodgeSandbox *sandbox, const char *const *argv,
                   void (*line) (const char *text, gpointer data), gpointer data,
                   GCancellable *cancellable, GError **error)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *last = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  process = start (sandbox, argv, error);
  if (process == NULL)
    return FALSE;
  if (!read_lines (process, &last, line, data, cancellable, error))
    {
      /* The helper ends when nothing inside is left. */
      g_subprocess_send_signal (process, SIGTERM);
      g_subprocess_wait (process, NULL, NULL);
      return FALSE;
    }
  if (!g_subprocess_wait (process, NULL, error))
    return FALSE;
  return check_end (process, argv[0], last, error);
}

gboolean
lodge_sandbox_remove (const char *helper, const char *path, GError **error)
{
  const char *const argv[] = { "rm", "-rf", "--one-file-system", "--", path, NULL };
  LodgeSandbox sandbox = { .helper = helper };

  if (!g_file_test (path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK))
    return TRUE;
  /* Not cancellable: this is what follows a cancellation. */
  return lodge_sandbox_run (&sandbox, argv, NULL, NULL, NULL, error);
}

gboolean
lodge_sandbox_check (const char *helper, GError **error)
{
  const char *const argv[] = { "true", NULL };
  LodgeSandbox sandbox = { .helper = helper };
  GError *failure = NULL;
  const char *prefix = "lodge-sandbox: ";

  if (lodge_sandbox_run (&sandbox, argv, NULL, NULL, NULL, &failure))
    return TRUE;
  lodge_error_set (error, LODGE_ERROR_FAILED, "no sandbox can be made on this machine: %s",
                   failure->message
                       + (g_str_has_prefix (failure->message, prefix) ? strlen (prefix) : 0));
  g_error_free (failure);
  return FALSE;
}
