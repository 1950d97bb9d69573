/* What is seen of several disks being written.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-progress.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/size.h"

enum
{
  BAR_COLUMNS = 12,
  DEFAULT_COLUMNS = 80,
  EVENT_MICROSECONDS = 500 * 1000, /* JSON: at most this often for each disk */
};

/* What was shown last of a disk. */
typedef struct
{
  gboolean begun;
  LodgeFlashPhase phase;
  gint64 time; /* monotonic microseconds */
} Shown;

struct _LodgeFlashProgress
{
  LodgeProgressMode mode; /* never AUTO */
  int fd;
  LodgeProgress *events;
  GArray *shown; /* of Shown, as the jobs */
  guint lines;   /* that were drawn and are drawn over */
};

static const struct
{
  const char *id;
  const char *title;
} phases[] = {
  [LODGE_FLASH_WRITE] = { "write", "writing" },
  [LODGE_FLASH_VERIFY] = { "verify", "verifying" },
  [LODGE_FLASH_UUIDS] = { "uuids", "UUIDs of its own" },
  [LODGE_FLASH_TABLE] = { "table", "making bootable" },
  [LODGE_FLASH_DONE] = { "done", "done" },
  [LODGE_FLASH_FAILED] = { "failed", "failed" },
};

LodgeFlashProgress *
lodge_flash_progress_new (LodgeProgressMode mode, int fd, LodgeProgress *events)
{
  LodgeFlashProgress *progress = g_new0 (LodgeFlashProgress, 1);
  gboolean terminal = isatty (fd) && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;

  if (mode == LODGE_PROGRESS_AUTO)
    mode = terminal ? LODGE_PROGRESS_BAR : LODGE_PROGRESS_PLAIN;
  progress->mode = mode;
  progress->fd = fd;
  progress->events = events;
  progress->shown = g_array_new (FALSE, TRUE, sizeof (Shown));
  return progress;
}

void
lodge_flash_progress_free (LodgeFlashProgress *progress)
{
  if (progress == NULL)
    return;
  g_array_unref (progress->shown);
  g_free (progress);
}

/* Microseconds that the phase still takes, -1 when that cannot be said. */
static gint64
remaining (const LodgeFlashState *state)
{
  gint64 elapsed = g_get_monotonic_time () - state->started;

  /* The first second says nothing about the rate. */
  if (state->done == 0 || state->total <= state->done || elapsed < G_USEC_PER_SEC)
    return -1;
  return (gint64)((double)elapsed * (double)(state->total - state->done) / (double)state->done);
}

static guint
terminal_columns (int fd)
{
  struct winsize size;

  if (ioctl (fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return DEFAULT_COLUMNS;
  return size.ws_col;
}

static void
add_bar (GString *line, const LodgeFlashState *state)
{
  double part = (double)state->done / (double)state->total;
  g_autofree char *done = lodge_size_format (state->done);
  g_autofree char *total = lodge_size_format (state->total);
  gint64 left = remaining (state) / G_USEC_PER_SEC;

  g_string_append (line, " [");
  for (guint i = 0; i < BAR_COLUMNS; i++)
    g_string_append_c (line, i < (guint)(part * BAR_COLUMNS) ? '#' : '-');
  g_string_append_printf (line, "] %3u%%  %s of %s", (guint)(part * 100), done, total);
  if (remaining (state) >= 0)
    g_string_append_printf (line, "  ETA %d:%02d", (int)left / 60, (int)left % 60);
}

static void
draw_bars (LodgeFlashProgress *progress, GPtrArray *jobs)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint columns = terminal_columns (progress->fd);

  if (progress->lines > 0)
    g_string_append_printf (text, "\033[%uA", progress->lines);
  for (guint i = 0; i < jobs->len; i++)
    {
      LodgeFlashJob *job = g_ptr_array_index (jobs, i);
      const LodgeFlashState state = lodge_flash_job_state (job);
      g_autoptr (GString) line = g_string_new (NULL);
      g_autofree char *cut = NULL;

      g_string_append_printf (line, "%-12s %-15s", lodge_flash_job_path (job),
                              phases[state.phase].title);
      if (state.total > 0)
        add_bar (line, &state);
      /* A line that wraps could not be drawn over. */
      cut = g_utf8_substring (line->str, 0,
                              MIN ((glong)columns - 1, g_utf8_strlen (line->str, -1)));
      g_string_append_printf (text, "\r\033[K%s\n", cut);
    }
  progress->lines = jobs->len;
  lodge_progress_write (progress->fd, text->str);
}

static void
tell_plain (const LodgeFlashProgress *progress, const LodgeFlashJob *job,
            const LodgeFlashState *state)
{
  g_autofree char *size = lodge_size_format (state->total);
  g_autofree char *line
      = state->total > 0
            ? g_strdup_printf ("%s: %s %s\n", lodge_flash_job_path (job),
                               phases[state->phase].title, size)
            : g_strdup_printf ("%s: %s\n", lodge_flash_job_path (job), phases[state->phase].title);

  lodge_progress_write (progress->fd, line);
}

static void
tell_json (const LodgeFlashProgress *progress, const LodgeFlashJob *job,
           const LodgeFlashState *state, gboolean begins)
{
  g_autoptr (JsonObject) object = json_object_new ();
  const char *event = begins ? "device" : "device-progress";
  gint64 left = remaining (state);

  json_object_set_string_member (object, "event", event);
  json_object_set_string_member (object, "device", lodge_flash_job_path (job));
  json_object_set_string_member (object, "phase", phases[state->phase].id);
  if (state->total > 0)
    {
      json_object_set_int_member (object, "bytes", (gint64)state->done);
      json_object_set_int_member (object, "total", (gint64)state->total);
    }
  if (left >= 0)
    json_object_set_int_member (object, "remaining_milliseconds", left / 1000);
  /* Before that it is its thread's. */
  if (state->phase == LODGE_FLASH_FAILED && lodge_flash_job_error (job) != NULL)
    {
      json_object_set_string_member (object, "message", lodge_flash_job_error (job)->message);
      json_object_set_boolean_member (object, "changed", state->touched);
    }
  lodge_progress_event (progress->events, event, object);
}

static void
tell (const LodgeFlashProgress *progress, const LodgeFlashJob *job, const LodgeFlashState *state,
      gboolean begins)
{
  if (progress->mode == LODGE_PROGRESS_JSON)
    tell_json (progress, job, state, begins);
  else if (begins)
    tell_plain (progress, job, state);
}

/* Phases that were too short to be seen are told of all the same. */
static void
tell_skipped (const LodgeFlashProgress *progress, const LodgeFlashJob *job,
              const LodgeFlashState *state, const Shown *shown)
{
  guint next = shown->begun ? (guint)shown->phase + 1 : LODGE_FLASH_WRITE;

  for (; state->phase <= LODGE_FLASH_DONE && next < (guint)state->phase; next++)
    {
      const LodgeFlashState skipped = { .phase = (LodgeFlashPhase)next, .started = state->started };

      tell (progress, job, &skipped, TRUE);
    }
}

/* A line when a phase begins; for programs, more of them. */
static void
tell_changes (LodgeFlashProgress *progress, GPtrArray *jobs)
{
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < jobs->len; i++)
    {
      const LodgeFlashJob *job = g_ptr_array_index (jobs, i);
      const LodgeFlashState state = lodge_flash_job_state (g_ptr_array_index (jobs, i));
      Shown *shown = &g_array_index (progress->shown, Shown, i);
      gboolean begins = !shown->begun || shown->phase != state.phase;

      if (!begins && (now - shown->time < EVENT_MICROSECONDS || state.ended != 0))
        continue;
      if (begins)
        tell_skipped (progress, job, &state, shown);
      tell (progress, job, &state, begins);
      *shown = (Shown){ .begun = TRUE, .phase = state.phase, .time = now };
    }
}

void
lodge_flash_progress_show (GPtrArray *jobs, gpointer data)
{
  LodgeFlashProgress *progress = data;

  g_array_set_size (progress->shown, jobs->len);
  if (progress->mode == LODGE_PROGRESS_BAR)
    draw_bars (progress, jobs);
  else
    tell_changes (progress, jobs);
}
