/* Progress as it is read: lines in a pipe, JSON, a bar on a terminal of a given width.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Everything that can be read from FD now and until its other end is closed. */
static char *
read_all (int fd)
{
  GString *text = g_string_new (NULL);
  char buffer[4096];
  ssize_t length;

  /* A terminal whose other end is closed gives EIO: the end as well. */
  while ((length = read (fd, buffer, sizeof buffer)) > 0)
    g_string_append_len (text, buffer, length);
  close (fd);
  return g_string_free (text, FALSE);
}

static void
assert_matches (const char *text, const char *pattern)
{
  if (!g_regex_match_simple (pattern, text, G_REGEX_DOLLAR_ENDONLY, 0))
    g_error ("\"%s\" does not match %s", text, pattern);
}

static char *
run_in_pipe (LodgeProgressMode mode, void (*work) (LodgeProgress *))
{
  int ends[2];
  LodgeProgress *progress;

  g_assert_cmpint (pipe (ends), ==, 0);
  progress = lodge_progress_new_for_fd (mode, ends[1]);
  work (progress);
  lodge_progress_free (progress);
  close (ends[1]);
  return read_all (ends[0]);
}

static void
two_steps (LodgeProgress *progress)
{
  lodge_progress_step (progress, "first", "Do \"this\"");
  lodge_progress_note (progress, "%d things", 3);
  lodge_progress_bytes (progress, 3 << 20, 4 << 20);
  lodge_progress_step (progress, "second", "Do that");
  lodge_progress_finish (progress);
  /* Nothing is under way: nothing is shown. */
  lodge_progress_bytes (progress, 1, 2);
  lodge_progress_finish (progress);
}

static void
stop_in_step (LodgeProgress *progress)
{
  lodge_progress_step (progress, "first", "Do this");
}

static void
test_plain (void)
{
  g_autofree char *text = run_in_pipe (LODGE_PROGRESS_AUTO, two_steps);
  g_autofree char *stopped = run_in_pipe (LODGE_PROGRESS_PLAIN, stop_in_step);

  assert_matches (text, "^first: Do \"this\"\n"
                        "lodge: note: 3 things\n"
                        "first: done in [0-9]+\\.[0-9] s, 3\\.0 MiB\n"
                        "second: Do that\n"
                        "second: done in [0-9]+\\.[0-9] s\n$");
  assert_matches (stopped, "^first: Do this\nfirst: stopped after [0-9]+\\.[0-9] s\n$");
}

static void
more_than_all (LodgeProgress *progress)
{
  lodge_progress_step (progress, "first", "Do this");
  /* An event is sent at most ten times a second. */
  g_usleep (150 * 1000);
  lodge_progress_bytes (progress, 9, 8);
  lodge_progress_bytes (progress, 9, 8);
}

/* TEXT without the events that only come when a step takes time. */
static char *
without_progress (const char *text)
{
  g_autoptr (GRegex) regex = g_regex_new ("\\{\"event\":\"progress\"[^\n]*\n", 0, 0, NULL);

  return g_regex_replace_literal (regex, text, -1, 0, "", 0, NULL);
}

static void
test_json (void)
{
  g_autofree char *all = run_in_pipe (LODGE_PROGRESS_JSON, two_steps);
  g_autofree char *text = without_progress (all);
  g_autofree char *stopped = run_in_pipe (LODGE_PROGRESS_JSON, more_than_all);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  static const char *const events[] = { "step", "note", "step-done", "step", "step-done" };

  g_assert_cmpuint (g_strv_length (lines), ==, G_N_ELEMENTS (events) + 1);
  for (gsize i = 0; i < G_N_ELEMENTS (events); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = json_from_string (lines[i], &error);

      g_assert_no_error (error);
      g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "event"), ==,
                       events[i]);
    }
  g_assert_cmpstr (lines[0], ==,
                   "{\"event\":\"step\",\"step\":\"first\",\"title\":\"Do \\\"this\\\"\"}");
  g_assert_cmpstr (lines[1], ==, "{\"event\":\"note\",\"text\":\"3 things\"}");
  assert_matches (lines[2],
                  "^\\{\"event\":\"step-done\",\"step\":\"first\",\"milliseconds\":[0-9]+,"
                  "\"bytes\":3145728,\"total\":4194304\\}$");
  /* What is done is never more than all. */
  assert_matches (stopped, "^[^\n]*\n"
                           "(\\{\"event\":\"progress\",[^\n]*\"bytes\":8,\"total\":8\\}\n)+"
                           "\\{\"event\":\"step-stopped\",[^\n]*\\}\n$");
}

static void
test_json_event (void)
{
  int ends[2];
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (LodgeProgress) json = NULL;
  g_autoptr (LodgeProgress) plain = NULL;
  g_autofree char *text = NULL;

  g_assert_cmpint (pipe (ends), ==, 0);
  json = lodge_progress_new_for_fd (LODGE_PROGRESS_JSON, ends[1]);
  plain = lodge_progress_new_for_fd (LODGE_PROGRESS_PLAIN, ends[1]);
  json_object_set_int_member (object, "status", 3);
  lodge_progress_event (plain, "error", object);
  lodge_progress_event (json, "error", object);
  close (ends[1]);
  text = read_all (ends[0]);
  g_assert_cmpstr (text, ==, "{\"status\":3,\"event\":\"error\"}\n");
}

/* The reader is gone: the work goes on. */
static void
test_closed_pipe (void)
{
  int ends[2];
  g_autoptr (LodgeProgress) progress = NULL;

  g_assert_cmpint (pipe (ends), ==, 0);
  close (ends[0]);
  progress = lodge_progress_new_for_fd (LODGE_PROGRESS_JSON, ends[1]);
  two_steps (progress);
  close (ends[1]);
}

/* A program that reads along learns from the exit status that lines are missing; people's are not
 * worth it. */
static void
test_full (void)
{
  static const LodgeProgressMode modes[] = { LODGE_PROGRESS_JSON, LODGE_PROGRESS_PLAIN };
  int full = open ("/dev/full", O_WRONLY | O_CLOEXEC);

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (LodgeProgress) progress = lodge_progress_new_for_fd (modes[i], full);
      g_autoptr (GError) error = NULL;
      gboolean json = modes[i] == LODGE_PROGRESS_JSON;

      lodge_progress_check (progress, &error);
      g_assert_no_error (error);
      lodge_progress_step (progress, "download", "Download");
      lodge_progress_finish (progress);
      g_assert_cmpint (lodge_progress_check (progress, &error), ==, !json);
      g_assert_cmpint (error != NULL && strstr (error->message, g_strerror (ENOSPC)) != NULL, ==,
                       json);
    }
  close (full);
}

static void
test_bar (void)
{
  struct winsize size = { .ws_row = 24, .ws_col = 80 };
  struct termios raw;
  int ours;
  int terminal;
  LodgeProgress *progress;
  g_autofree char *text = NULL;
  g_auto (GStrv) drawn = NULL;
  gboolean found = FALSE;

  memset (&raw, 0, sizeof raw);
  cfmakeraw (&raw);
  g_assert_cmpint (openpty (&ours, &terminal, NULL, &raw, &size), ==, 0);
  g_assert_true (g_setenv ("TERM", "vt100", TRUE));
  progress = lodge_progress_new_for_fd (LODGE_PROGRESS_AUTO, terminal);
  lodge_progress_step (progress, "root", "Make the root file system");
  g_usleep (1100 * 1000); /* ETA is told from the first second on */
  lodge_progress_bytes (progress, G_GUINT64_CONSTANT (512) << 20, G_GUINT64_CONSTANT (1023) << 20);
  lodge_progress_note (progress, "by the way");
  lodge_progress_free (progress);
  close (terminal);
  text = read_all (ours);

  drawn = g_strsplit_set (text, "\r\n", -1);
  for (guint i = 0; drawn[i] != NULL; i++)
    {
      const char *line = g_str_has_prefix (drawn[i], "\033[K") ? drawn[i] + 3 : drawn[i];

      /* The last column stays free, so that no terminal wraps. */
      g_assert_cmpint (g_utf8_strlen (line, -1), <=, 79);
      /* A slow machine is later than a second. */
      if (g_regex_match_simple ("^Make the root file system  \\[######------\\]  50%  "
                                "512 MiB of 1023 MiB  ETA [0-9]:[0-9]{2}$",
                                line, 0, 0))
        found = TRUE;
    }
  g_assert_true (found);
  g_assert_nonnull (strstr (text, "\r\033[Klodge: note: by the way\n"));
  assert_matches (text, "\r\033\\[KMake the root file system  stopped after [0-9.]+ s  512 MiB\n$");
}

/* From many threads at once every line stays whole. */
static gpointer
note_many (gpointer data)
{
  for (guint i = 0; i < 200; i++)
    lodge_progress_note (data, "0123456789");
  return NULL;
}

static void
many_threads (LodgeProgress *progress)
{
  GThread *threads[4];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("note", note_many, progress);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
test_threads (void)
{
  g_autofree char *text = run_in_pipe (LODGE_PROGRESS_PLAIN, many_threads);

  assert_matches (text, "^(lodge: note: 0123456789\n){800}$");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add_func ("/progress/plain", test_plain);
  g_test_add_func ("/progress/json", test_json);
  g_test_add_func ("/progress/json-event", test_json_event);
  g_test_add_func ("/progress/closed-pipe", test_closed_pipe);
  g_test_add_func ("/progress/full", test_full);
  g_test_add_func ("/progress/bar", test_bar);
  g_test_add_func ("/progress/threads", test_threads);
  return g_test_run ();
}
