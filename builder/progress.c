/* Progress, in three shapes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/progress.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "builder/say.h"
#include "common/error.h"
#include "common/size.h"

enum
{
  REDRAW_MICROSECONDS = 100 * 1000, /* a bar is drawn, an event sent, at most this often */
  TICK_MICROSECONDS = 500 * 1000,   /* so that the clock goes on in a step that reports nothing */
  BAR_COLUMNS = 12,                 /* with the longest title, sizes and ETA still within 79 */
  DEFAULT_COLUMNS = 80,
};

#define CLEAR_LINE "\r\033[K"

struct _LodgeProgress
{
  LodgeProgressMode mode; /* never AUTO */
  int fd;
  GMutex mutex; /* of everything below */
  GCond changed;
  GThread *ticker; /* with a bar */
  gboolean quit;
  char *id; /* NULL: no step is under way */
  char *title;
  gint64 started; /* monotonic microseconds */
  gint64 shown;
  guint64 done;
  guint64 total;
  int failure; /* errno of the first event that could not be written; 0: none */
};

/* All of TEXT; 0 or an errno. */
static int
write_all (int fd, const char *text)
{
  gsize length = strlen (text);

  while (length > 0)
    {
      ssize_t written = TEMP_FAILURE_RETRY (write (fd, text, length));
      struct pollfd room = { .fd = fd, .events = POLLOUT };

      /* Whoever reads may have made the descriptor non-blocking, for both of us. */
      if (written < 0 && errno == EAGAIN && TEMP_FAILURE_RETRY (poll (&room, 1, -1)) >= 0)
        continue;
      if (written < 0)
        return errno;
      text += written;
      length -= (gsize)written;
    }
  return 0;
}

void
lodge_progress_write (int fd, const char *text)
{
  write_all (fd, text);
}

static double
elapsed_seconds (const LodgeProgress *progress)
{
  return (double)(g_get_monotonic_time () - progress->started) / G_USEC_PER_SEC;
}

/* "12.3 s", "3 min 12 s". */
static char *
format_duration (double seconds)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (seconds >= 60)
    return g_strdup_printf ("%d min %d s", (int)seconds / 60, (int)seconds % 60);
  return g_strdup_printf ("%s s", g_ascii_formatd (digits, sizeof digits, "%.1f", seconds));
}

/* Seconds that are left, or -1 when that cannot be said. */
static double
remaining_seconds (const LodgeProgress *progress)
{
  double elapsed = elapsed_seconds (progress);

  /* The first second says nothing about the rate. */
  if (progress->total == 0 || progress->done == 0 || elapsed < 1)
    return -1;
  return elapsed * (double)(progress->total - progress->done) / (double)progress->done;
}

static guint
terminal_columns (int fd)
{
  struct winsize size;

  if (ioctl (fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return DEFAULT_COLUMNS;
  return size.ws_col;
}

/* --- a bar --- */

static void
add_bar (GString *line, const LodgeProgress *progress)
{
  guint filled = (guint)((double)progress->done / (double)progress->total * BAR_COLUMNS);
  guint percent = (guint)((double)progress->done / (double)progress->total * 100);
  g_autofree char *done = lodge_size_format (progress->done);
  g_autofree char *total = lodge_size_format (progress->total);
  double left = remaining_seconds (progress);

  g_string_append (line, " [");
  for (guint i = 0; i < BAR_COLUMNS; i++)
    g_string_append_c (line, i < filled ? '#' : '-');
  g_string_append_printf (line, "] %3u%%  %s of %s", percent, done, total);
  if (left >= 0)
    g_string_append_printf (line, "  ETA %d:%02d", (int)left / 60, (int)left % 60);
}

static void
draw_bar (LodgeProgress *progress)
{
  g_autoptr (GString) line = g_string_new (NULL);
  guint columns = terminal_columns (progress->fd);
  int seconds = (int)elapsed_seconds (progress);
  g_autofree char *cut = NULL;
  g_autofree char *text = NULL;

  g_string_append_printf (line, "%-26s", progress->title);
  if (progress->total > 0)
    add_bar (line, progress);
  else
    {
      g_autofree char *done = lodge_size_format (progress->done);

      g_string_append_printf (line, " %d:%02d%s%s", seconds / 60, seconds % 60,
                              progress->done == 0 ? "" : "  ", progress->done == 0 ? "" : done);
    }
  /* A line that wraps could not be drawn over. */
  cut = g_utf8_substring (line->str, 0, MIN ((glong)columns - 1, g_utf8_strlen (line->str, -1)));
  text = g_strconcat (CLEAR_LINE, cut, NULL);
  lodge_progress_write (progress->fd, text);
}

static gpointer
tick (gpointer data)
{
  LodgeProgress *progress = data;

  g_mutex_lock (&progress->mutex);
  while (!progress->quit)
    {
      if (progress->id != NULL)
        draw_bar (progress);
      g_cond_wait_until (&progress->changed, &progress->mutex,
                         g_get_monotonic_time () + TICK_MICROSECONDS);
    }
  g_mutex_unlock (&progress->mutex);
  return NULL;
}

/* --- JSON --- */

static void
write_event (LodgeProgress *progress, const char *event, JsonObject *object)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  int failure;

  json_object_set_string_member (object, "event", event);
  json_node_set_object (root, object);
  text = json_to_string (root, FALSE);
  line = g_strconcat (text, "\n", NULL);
  failure = write_all (progress->fd, line);
  if (progress->failure == 0)
    progress->failure = failure;
}

static void
write_step_event (LodgeProgress *progress, const char *event)
{
  g_autoptr (JsonObject) object = json_object_new ();
  double left = remaining_seconds (progress);

  json_object_set_string_member (object, "event", event); /* first, for whoever reads along */
  json_object_set_string_member (object, "step", progress->id);
  if (strcmp (event, "step") == 0)
    json_object_set_string_member (object, "title", progress->title);
  else
    json_object_set_int_member (object, "milliseconds",
                                (gint64)(elapsed_seconds (progress) * 1000));
  if (progress->done > 0 || progress->total > 0)
    json_object_set_int_member (object, "bytes", (gint64)progress->done);
  if (progress->total > 0)
    json_object_set_int_member (object, "total", (gint64)progress->total);
  if (strcmp (event, "progress") == 0 && left >= 0)
    json_object_set_int_member (object, "remaining_milliseconds", (gint64)(left * 1000));
  write_event (progress, event, object);
}

/* --- all --- */

static void
begin_step (LodgeProgress *progress, const char *id, const char *title)
{
  progress->id = g_strdup (id);
  progress->title = g_strdup (title);
  progress->started = g_get_monotonic_time ();
  progress->shown = progress->started;
  progress->done = 0;
  progress->total = 0;
  if (progress->mode == LODGE_PROGRESS_JSON)
    write_step_event (progress, "step");
  else if (progress->mode == LODGE_PROGRESS_BAR)
    draw_bar (progress);
  else
    {
      g_autofree char *line = g_strdup_printf ("%s: %s\n", id, title);

      lodge_progress_write (progress->fd, line);
    }
}

/* Ends the step under way, if any. */
static void
end_step (LodgeProgress *progress, gboolean finished)
{
  g_autofree char *duration = NULL;
  g_autofree char *size = NULL;
  g_autofree char *line = NULL;

  if (progress->id == NULL)
    return;
  duration = format_duration (elapsed_seconds (progress));
  size = progress->done == 0 ? g_strdup ("") : lodge_size_format (progress->done);
  if (progress->mode == LODGE_PROGRESS_JSON)
    write_step_event (progress, finished ? "step-done" : "step-stopped");
  else if (progress->mode == LODGE_PROGRESS_BAR)
    line = g_strdup_printf (CLEAR_LINE "%-26s %s%s%s%s\n", progress->title,
                            finished ? "" : "stopped after ", duration, *size == '\0' ? "" : "  ",
                            size);
  else
    line
        = g_strdup_printf ("%s: %s%s%s%s\n", progress->id, finished ? "done in " : "stopped after ",
                           duration, *size == '\0' ? "" : ", ", size);
  if (line != NULL)
    lodge_progress_write (progress->fd, line);
  g_clear_pointer (&progress->id, g_free);
  g_clear_pointer (&progress->title, g_free);
}

LodgeProgress *
lodge_progress_new_for_fd (LodgeProgressMode mode, int fd)
{
  LodgeProgress *progress = g_new0 (LodgeProgress, 1);
  gboolean terminal = isatty (fd) && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;

  if (mode == LODGE_PROGRESS_AUTO)
    mode = terminal ? LODGE_PROGRESS_BAR : LODGE_PROGRESS_PLAIN;
  progress->mode = mode;
  progress->fd = fd;
  g_mutex_init (&progress->mutex);
  g_cond_init (&progress->changed);
  if (mode == LODGE_PROGRESS_BAR)
    progress->ticker = g_thread_new ("progress", tick, progress);
  return progress;
}

LodgeProgress *
lodge_progress_new (LodgeProgressMode mode)
{
  return lodge_progress_new_for_fd (mode,
                                    mode == LODGE_PROGRESS_JSON ? STDOUT_FILENO : STDERR_FILENO);
}

void
lodge_progress_free (LodgeProgress *progress)
{
  if (progress == NULL)
    return;
  g_mutex_lock (&progress->mutex);
  end_step (progress, FALSE);
  progress->quit = TRUE;
  g_cond_signal (&progress->changed);
  g_mutex_unlock (&progress->mutex);
  if (progress->ticker != NULL)
    g_thread_join (progress->ticker);
  g_cond_clear (&progress->changed);
  g_mutex_clear (&progress->mutex);
  g_free (progress);
}

void
lodge_progress_step (LodgeProgress *progress, const char *id, const char *title)
{
  g_mutex_lock (&progress->mutex);
  end_step (progress, TRUE);
  begin_step (progress, id, title);
  g_mutex_unlock (&progress->mutex);
}

void
lodge_progress_bytes (LodgeProgress *progress, guint64 done, guint64 total)
{
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&progress->mutex);
  progress->done = total == 0 ? done : MIN (done, total);
  progress->total = total;
  if (progress->id != NULL && now - progress->shown >= REDRAW_MICROSECONDS)
    {
      progress->shown = now;
      if (progress->mode == LODGE_PROGRESS_BAR)
        draw_bar (progress);
      else if (progress->mode == LODGE_PROGRESS_JSON)
        write_step_event (progress, "progress");
    }
  g_mutex_unlock (&progress->mutex);
}

void
lodge_progress_note (LodgeProgress *progress, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_mutex_lock (&progress->mutex);
  if (progress->mode == LODGE_PROGRESS_JSON)
    {
      g_autoptr (JsonObject) object = json_object_new ();

      json_object_set_string_member (object, "event", "note");
      json_object_set_string_member (object, "text", text);
      write_event (progress, "note", object);
    }
  else if (progress->mode == LODGE_PROGRESS_BAR)
    {
      line = g_strdup_printf (CLEAR_LINE LODGE_SAY_NOTE "%s\n", text);
      lodge_progress_write (progress->fd, line);
      if (progress->id != NULL)
        draw_bar (progress);
    }
  else
    {
      line = g_strdup_printf (LODGE_SAY_NOTE "%s\n", text);
      lodge_progress_write (progress->fd, line);
    }
  g_mutex_unlock (&progress->mutex);
}

void
lodge_progress_finish (LodgeProgress *progress)
{
  g_mutex_lock (&progress->mutex);
  end_step (progress, TRUE);
  g_mutex_unlock (&progress->mutex);
}

void
lodge_progress_event (LodgeProgress *progress, const char *event, JsonObject *object)
{
  if (progress->mode != LODGE_PROGRESS_JSON)
    return;
  g_mutex_lock (&progress->mutex);
  write_event (progress, event, object);
  g_mutex_unlock (&progress->mutex);
}

gboolean
lodge_progress_check (LodgeProgress *progress, GError **error)
{
  int failure;

  g_mutex_lock (&progress->mutex);
  failure = progress->failure;
  g_mutex_unlock (&progress->mutex);
  return failure == 0
         || lodge_error_set_errno (error, failure,
                                   "all is done, but not all lines of --json could be written to "
                                   "standard output");
}
