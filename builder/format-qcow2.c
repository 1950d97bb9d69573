/* qcow2, made by qemu-img.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/converter.h"
#include "builder/format.h"
#include "common/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static GSubprocess *
start_converter (const char *raw, const char *path, GError **error)
{
  /* unsafe: the caller fsyncs the finished file once.  Not compressed: qcow2 is what a hypervisor
   * runs from. */
  const char *argv[] = { "qemu-img", "convert", "-p",         "-f", "raw", "-O", "qcow2", "-t",
                         "unsafe",   "-o",      "compat=1.1", "--", raw,   path, NULL };

  return lodge_converter_start (
      argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, error);
}

/* Follows qemu-img's output: "    (12.34/100%)\r" and, when it fails, what is wrong.  *LAST becomes
 * the last of its lines that is not a percentage. */
static gboolean
follow (GInputStream *output, guint64 size, char **last, LodgeProgress *progress,
        GCancellable *cancellable, GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);
  char buffer[512];
  gssize count;

  while ((count = g_input_stream_read (output, buffer, sizeof buffer, cancellable, error)) > 0)
    for (gssize i = 0; i < count; i++)
      {
        const char *percentage;

        if (buffer[i] != '\r' && buffer[i] != '\n')
          {
            g_string_append_c (line, buffer[i]);
            continue;
          }
        percentage = strchr (line->str, '(');
        if (g_str_has_suffix (line->str, "/100%)") && percentage != NULL)
          {
            if (progress != NULL)
              lodge_progress_bytes (
                  progress, (guint64)(g_ascii_strtod (percentage + 1, NULL) / 100 * (double)size),
                  size);
          }
        else if (line->len > 0)
          {
            g_free (*last);
            *last = g_strdup (line->str);
          }
        g_string_truncate (line, 0);
      }
  return count == 0;
}

static gboolean
convert (const char *raw, const char *path, guint64 size, LodgeProgress *progress,
         GCancellable *cancellable, GError **error)
{
  g_autoptr (GSubprocess) process = start_converter (raw, path, error);
  g_autofree char *last = NULL;

  if (process == NULL)
    return FALSE;
  if (!follow (g_subprocess_get_stdout_pipe (process), size, &last, progress, cancellable, error))
    {
      g_subprocess_force_exit (process);
      g_subprocess_wait (process, NULL, NULL);
      return FALSE;
    }
  if (!g_subprocess_wait (process, NULL, error))
    return FALSE;
  if (g_subprocess_get_if_exited (process) && g_subprocess_get_exit_status (process) == 0)
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s",
                          last != NULL ? last : "qemu-img convert was killed");
}

gboolean
lodge_format_qcow2_write (const LodgeFormatSource *source, const char *path,
                          LodgeProgress *progress, GCancellable *cancellable, GError **error)
{
  struct stat status;

  if (g_stat (source->raw, &status) != 0)
    return lodge_error_set_errno (error, errno, "open %s", source->raw);
  if (convert (source->raw, path, (guint64)status.st_size, progress, cancellable, error))
    return TRUE;
  g_prefix_error (error, "convert the image to qcow2: ");
  g_unlink (path);
  return FALSE;
}
