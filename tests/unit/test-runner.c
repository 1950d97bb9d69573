/* The runner: order, resume, failure, interruption, and a power cut at every write of the journal.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is tested is the runner, so its table of steps is made up: each step appends a line to a
 * file, as a real one changes the host.
 */
#include "common/error.h"
#include "firstboot/begin.h"
#include "firstboot/runner.h"
#include "tests/unit/made-up-facts.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the made-up steps leave their lines, and what they do; set before a run. */
static struct
{
  char *trace;
  const char *fail;      /* the step that fails, or NULL */
  const char *interrupt; /* the step that the signal comes in, or NULL */
  guint die_at;          /* the process dies at this instant (1 is the first), 0: never */
  guint event;           /* instants so far */
} world;

/* An instant at which the power may be cut. */
static void
instant (void)
{
  if (++world.event == world.die_at)
    _exit (42);
}

static void happen (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* One line in the trace, then perhaps the power cut. */
static void
happen (const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list arguments;
  int fd = open (world.trace, O_WRONLY | O_CREAT | O_APPEND, 0600);

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_assert_cmpint (fd, !=, -1);
  g_assert_cmpint (write (fd, line, strlen (line)), ==, (gssize)strlen (line));
  close (fd);
  instant ();
}

static gboolean
run (LodgeStepContext *context, const char *id, GError **error)
{
  happen ("%s%s\n", id, context->resumed ? " resumed" : "");
  g_assert_cmpstr (context->plan->port_names[0], ==, "enp1s0");
  g_assert_cmpstr (context->root, ==, "/nowhere");
  json_object_set_string_member (context->measured, "by", id);
  context->tell ("a line", context->tell_data);
  if (g_strcmp0 (world.interrupt, id) == 0)
    g_cancellable_cancel (context->cancellable);
  if (g_cancellable_set_error_if_cancelled (context->cancellable, error))
    return FALSE;
  if (g_strcmp0 (world.fail, id) == 0)
    return lodge_error_set (error, LODGE_ERROR_REFUSED, "%s would hurt", id);
  happen ("%s end\n", id);
  return TRUE;
}

static gboolean
run_one (LodgeStepContext *context, GError **error)
{
  return run (context, "one", error);
}

static gboolean
run_two (LodgeStepContext *context, GError **error)
{
  return run (context, "two", error);
}

static gboolean
run_three (LodgeStepContext *context, GError **error)
{
  return run (context, "three", error);
}

static const LodgeStep steps[] = {
  { "one", "The first", run_one },
  { "two", "The second", run_two },
  { "three", "The third", run_three },
};

typedef struct
{
  char *directory;
  GString *watched;
} Fixture;

static void
watch_begin (guint number, guint last, const LodgeStep *step, gpointer data)
{
  g_string_append_printf (data, "%u/%u %s; ", number, last, step->id);
  instant ();
}

static void
watch_end (guint number, guint last, const LodgeStep *step, LodgeStepState state,
           gint64 milliseconds, gpointer data)
{
  g_assert_cmpint (milliseconds, >=, 0);
  g_assert_cmpuint (last, ==, 5);
  g_string_append_printf (data, "%u %s %s; ", number, step->id, lodge_step_state_name (state));
  instant ();
}

static void
watch_tell (const char *line, gpointer data)
{
  g_string_append_printf (data, "%s; ", line);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  fixture->directory = g_dir_make_tmp ("lodge-runner-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->watched = g_string_new (NULL);
  memset (&world, 0, sizeof world);
  world.trace = g_build_filename (fixture->directory, "trace", NULL);
}

static void
empty (const char *directory)
{
  g_autoptr (GDir) entries = g_dir_open (directory, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  empty (fixture->directory);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
  g_free (world.trace);
  g_string_free (fixture->watched, TRUE);
}

/* As a boot does: opens what is there, begins or goes on, runs. */
static gboolean
boot (Fixture *fixture, gsize *stopped, GError **error)
{
  g_autoptr (LodgeFacts) facts = usual_facts ();
  g_autoptr (LodgeAnswers) answers = parse_answers ("");
  g_autoptr (GError) problem = NULL;
  g_autoptr (LodgeJournal) journal = lodge_journal_open (fixture->directory, &problem);
  g_autoptr (LodgeReport) report = lodge_report_open (fixture->directory);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  LodgeBeginning beginning = {
    .root = "", .facts = facts, .answers = answers, .seed = TEST_SEED, .steps = steps, .count = 3
  };
  LodgeWatcher watcher = {
    .step_begins = watch_begin, .step_ends = watch_end, .tell = watch_tell, .data = fixture->watched
  };
  LodgeRunner runner = { .steps = steps,
                         .count = 3,
                         .journal = journal,
                         .report = report,
                         .root = "/nowhere",
                         .cancellable = cancellable,
                         .watcher = &watcher };

  g_assert_no_error (problem);
  lodge_begin (journal, &beginning, &problem);
  g_assert_no_error (problem);
  return lodge_runner_run (&runner, stopped, error);
}

static char *
read_trace (void)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (world.trace, &text, NULL, NULL));
  return text;
}

static JsonObject *
read_row (Fixture *fixture, JsonParser *parser, guint index)
{
  g_autofree char *path = g_build_filename (fixture->directory, "report.json", NULL);
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_array_get_object_element (
      json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "steps"),
      index);
}

static void
test_all (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *trace = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *row;

  (void)data;
  g_assert_true (boot (fixture, NULL, &error));
  g_assert_no_error (error);
  trace = read_trace ();
  g_assert_cmpstr (trace, ==, "one\none end\ntwo\ntwo end\nthree\nthree end\n");
  g_assert_cmpstr (fixture->watched->str, ==,
                   "3/5 one; a line; 3 one done; 4/5 two; a line; 4 two done; "
                   "5/5 three; a line; 5 three done; ");
  row = read_row (fixture, parser, 1);
  g_assert_cmpint (json_object_get_int_member (row, "number"), ==, 4);
  g_assert_cmpstr (json_object_get_string_member (row, "id"), ==, "two");
  g_assert_cmpstr (json_object_get_string_member (row, "title"), ==, "The second");
  g_assert_cmpstr (json_object_get_string_member (row, "state"), ==, "done");
  g_assert_cmpint (json_object_get_int_member (row, "milliseconds"), >=, 0);
  g_assert_cmpstr (
      json_object_get_string_member (json_object_get_object_member (row, "measured"), "by"), ==,
      "two");

  /* Run again, nothing happens. */
  g_assert_true (boot (fixture, NULL, &error));
  g_free (trace);
  trace = read_trace ();
  g_assert_cmpstr (trace, ==, "one\none end\ntwo\ntwo end\nthree\nthree end\n");
}

static void
test_failure (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *trace = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *row;
  gsize stopped = 99;

  (void)data;
  world.fail = "two";
  g_assert_false (boot (fixture, &stopped, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  g_assert_cmpstr (error->message, ==, "two would hurt");
  g_assert_cmpuint (stopped, ==, 1);
  row = read_row (fixture, parser, 1);
  g_assert_cmpstr (json_object_get_string_member (row, "state"), ==, "failed");
  g_assert_cmpstr (json_object_get_string_member (row, "message"), ==, "two would hurt");
  g_assert_true (g_str_has_suffix (fixture->watched->str, "4 two failed; "));

  /* The next boot tries it again, knowing that it was begun, and not the first. */
  g_clear_error (&error);
  world.fail = NULL;
  g_assert_true (boot (fixture, NULL, &error));
  trace = read_trace ();
  g_assert_cmpstr (trace, ==, "one\none end\ntwo\ntwo resumed\ntwo end\nthree\nthree end\n");
  row = read_row (fixture, parser, 0);
  g_assert_cmpstr (
      json_object_get_string_member (json_object_get_object_member (row, "measured"), "by"), ==,
      "one");
}

static void
test_interrupted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeJournal) journal = NULL;
  g_autofree char *trace = NULL;
  gsize stopped = 99;

  (void)data;
  world.interrupt = "two";
  g_assert_false (boot (fixture, &stopped, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (stopped, ==, 1);
  journal = lodge_journal_open (fixture->directory, NULL);
  g_assert_cmpint (lodge_journal_state (journal, "two"), ==, LODGE_STEP_STARTED);

  g_clear_error (&error);
  world.interrupt = NULL;
  g_assert_true (boot (fixture, NULL, &error));
  trace = read_trace ();
  g_assert_cmpstr (trace, ==, "one\none end\ntwo\ntwo resumed\ntwo end\nthree\nthree end\n");
}

/* The report cannot be written: setup goes on, and the watcher hears of it. */
static void
test_no_report (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "report.json", NULL);
  g_autoptr (GError) error = NULL;

  (void)data;
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_true (boot (fixture, NULL, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (fixture->watched->str, "the report cannot be written: "));
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

static guint
count_lines (const char *trace, const char *wanted)
{
  g_auto (GStrv) lines = g_strsplit (trace, "\n", -1);
  guint count = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_equal (lines[i], wanted))
      count++;
  return count;
}

/* The power is cut at every instant between two writes of the journal (before a step is recorded as
 * started, before and after its work, after it is recorded as done), twice in a row, then a boot
 * runs through: each step's work was done to its end, no step ran again after it was recorded as
 * done, and one that had begun knew it. */
static void
test_power_cuts (Fixture *fixture, gconstpointer data)
{
  (void)data;
  for (guint first = 1; first <= 4 * G_N_ELEMENTS (steps); first++)
    for (guint second = 0; second <= 4; second += 2)
      {
        const guint cuts[] = { first, second };
        g_autofree char *trace = NULL;
        g_autoptr (GError) error = NULL;

        empty (fixture->directory);
        for (gsize i = 0; i < G_N_ELEMENTS (cuts); i++)
          {
            pid_t child;
            int status;

            if (cuts[i] == 0)
              continue;
            child = fork ();
            g_assert_cmpint (child, !=, -1);
            if (child == 0)
              {
                world.die_at = cuts[i];
                world.event = 0;
                _exit (boot (fixture, NULL, NULL) ? 0 : 1);
              }
            g_assert_cmpint (waitpid (child, &status, 0), ==, child);
            g_assert_true (WIFEXITED (status));
            /* 0: there were fewer instants left than that. */
            g_assert_true (WEXITSTATUS (status) == 42 || WEXITSTATUS (status) == 0);
          }
        g_assert_true (boot (fixture, NULL, &error));
        g_assert_no_error (error);

        trace = read_trace ();
        for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
          {
            g_autofree char *end = g_strconcat (steps[i].id, " end", NULL);
            g_autofree char *resumed = g_strconcat (steps[i].id, " resumed", NULL);

            g_assert_cmpuint (count_lines (trace, steps[i].id), ==, 1);
            g_assert_cmpuint (count_lines (trace, end), >=, 1);
            g_assert_cmpuint (count_lines (trace, end), <=, count_lines (trace, resumed) + 1);
          }
        g_assert_true (g_str_has_suffix (trace, "three end\n"));
      }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/runner/all", test_all },
    { "/runner/failure", test_failure },
    { "/runner/interrupted", test_interrupted },
    { "/runner/no-report", test_no_report },
    { "/runner/power-cuts", test_power_cuts },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
