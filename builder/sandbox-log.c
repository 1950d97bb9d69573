/* Logs of the sandbox.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/sandbox-log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"

struct _LodgeSandboxLog
{
  char *path;
  FILE *stream;
  GMutex mutex;
};

LodgeSandboxLog *
lodge_sandbox_log_new (const char *path, GError **error)
{
  LodgeSandboxLog *log;
  FILE *stream = fopen (path, "we");

  if (stream == NULL)
    {
      lodge_error_set_errno (error, errno, "write %s", path);
      return NULL;
    }
  log = g_new0 (LodgeSandboxLog, 1);
  log->path = g_strdup (path);
  log->stream = stream;
  g_mutex_init (&log->mutex);
  return log;
}

void
lodge_sandbox_log_free (LodgeSandboxLog *log)
{
  if (log == NULL)
    return;
  fclose (log->stream);
  g_mutex_clear (&log->mutex);
  g_free (log->path);
  g_free (log);
}

/* One program's output on its way to the log. */
typedef struct
{
  LodgeSandboxLog *log;
  char *complaint; /* the first line that speaks of an error, or NULL */
  void (*line) (const char *text, gpointer data); /* the caller's, or NULL */
  gpointer data;
} Listener;

static gboolean
is_complaint (const char *text)
{
  static const char *const words[] = { "error:", "Error:", "error processing",
                                       "No space left on device", "dependency problems prevent" };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (text, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

static void
hear (const char *text, gpointer data)
{
  Listener *listener = data;
  LodgeSandboxLog *log = listener->log;

  g_mutex_lock (&log->mutex);
  /* A log that cannot be written is missed only after a failure, which then says its own. */
  fprintf (log->stream, "%s\n", text);
  fflush (log->stream);
  g_mutex_unlock (&log->mutex);
  if (listener->complaint == NULL && is_complaint (text))
    listener->complaint = g_strstrip (g_strdup (text));
  if (listener->line != NULL)
    listener->line (text, listener->data);
}

gboolean
lodge_sandbox_log_run (LodgeSandboxLog *log, const LodgeSandbox *sandbox, const char *const *argv,
                       GCancellable *cancellable, GError **error)
{
  return lodge_sandbox_log_listen (log, sandbox, argv, NULL, NULL, cancellable, error);
}

gboolean
lodge_sandbox_log_listen (LodgeSandboxLog *log, const LodgeSandbox *sandbox,
                          const char *const *argv, void (*line) (const char *text, gpointer data),
                          gpointer data, GCancellable *cancellable, GError **error)
{
  Listener listener = { .log = log, .line = line, .data = data };
  GError *failure = NULL;

  if (lodge_sandbox_run (sandbox, argv, hear, &listener, cancellable, &failure))
    {
      g_free (listener.complaint);
      return TRUE;
    }
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, failure);
  else
    {
      gboolean again
          = listener.complaint == NULL || strstr (failure->message, listener.complaint) != NULL;

      lodge_error_set (error, LODGE_ERROR_FAILED, "%s%s%s (the log is %s)",
                       again ? "" : listener.complaint, again ? "" : "; ", failure->message,
                       log->path);
      g_error_free (failure);
    }
  g_free (listener.complaint);
  return FALSE;
}
