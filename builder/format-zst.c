/* The raw image, compressed by zstd on all processors.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program and not libarchive: before its release 3.6 that compresses on one processor only.
 * What zstd writes does not depend on how many threads it has, as long as it has its own
 * (zstd(1), --single-thread).
 */
#include "builder/converter.h"
#include "builder/format.h"
#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  CHUNK = 1024 * 1024, /* bytes that zstd is given at a time */
};

/* A tenth smaller than zstd's own level 3, for a few seconds. */
#define LEVEL "-9"

static GSubprocess *
start_compressor (const char *path, guint64 size, GError **error)
{
  g_autofree char *threads = g_strdup_printf ("-T%u", g_get_num_processors ());
  g_autofree char *stream_size = g_strdup_printf ("--stream-size=%" G_GUINT64_FORMAT, size);
  const char *argv[]
      = { "zstd", "-q", "-f", threads, LEVEL, "--check", stream_size, "-o", path, NULL };

  return lodge_converter_start (
      argv, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, error);
}

/* Gives the image in FD to zstd.  FALSE without ERROR when zstd has ended: why, it says itself. */
static gboolean
feed (GOutputStream *input, int fd, const char *raw, guint64 size, LodgeProgress *progress,
      GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK);
  g_autoptr (GError) failure = NULL;
  guint64 done = 0;

  for (;;)
    {
      ssize_t count = TEMP_FAILURE_RETRY (read (fd, chunk, CHUNK));

      if (count < 0)
        return lodge_error_set_errno (error, errno, "read %s", raw);
      if (count == 0)
        return g_output_stream_close (input, cancellable, error);
      if (!g_output_stream_write_all (input, chunk, (gsize)count, NULL, cancellable, &failure))
        {
          if (!g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE))
            g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      done += (guint64)count;
      if (progress != NULL)
        lodge_progress_bytes (progress, done, size);
    }
}

/* zstd's last words as ERROR. */
static gboolean
tell_failure (GSubprocess *process, GError **error)
{
  char words[512];
  gsize length = 0;

  g_input_stream_read_all (g_subprocess_get_stderr_pipe (process), words, sizeof words - 1, &length,
                           NULL, NULL);
  words[length] = '\0';
  g_strstrip (words);
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s",
                          *words != '\0' ? words : "zstd was killed");
}

static gboolean
compress (int fd, const char *raw, const char *path, guint64 size, LodgeProgress *progress,
          GCancellable *cancellable, GError **error)
{
  g_autoptr (GSubprocess) process = start_compressor (path, size, error);
  g_autoptr (GError) failure = NULL;

  if (process == NULL)
    return FALSE;
  feed (g_subprocess_get_stdin_pipe (process), fd, raw, size, progress, cancellable, &failure);
  if (failure == NULL && g_subprocess_wait (process, cancellable, &failure))
    return (g_subprocess_get_if_exited (process) && g_subprocess_get_exit_status (process) == 0)
           || tell_failure (process, error);
  g_subprocess_force_exit (process);
  g_subprocess_wait (process, NULL, NULL);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

gboolean
lodge_format_zst_write (const LodgeFormatSource *source, const char *path, LodgeProgress *progress,
                        GCancellable *cancellable, GError **error)
{
  int fd = open (source->raw, O_RDONLY | O_CLOEXEC);
  struct stat status;
  gboolean written;

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "open %s", source->raw);
  if (fstat (fd, &status) != 0)
    written = lodge_error_set_errno (error, errno, "look at %s", source->raw);
  else
    written
        = compress (fd, source->raw, path, (guint64)status.st_size, progress, cancellable, error);
  close (fd);
  if (written)
    return TRUE;
  g_prefix_error (error, "compress the image: ");
  unlink (path);
  return FALSE;
}
