/* The journal: every state written and read back, damage noticed, a power cut at every write.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/file.h"
#include "firstboot/journal.h"
#include "tests/unit/made-up-facts.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *directory;
  char *path;
  LodgePlan *plan;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LodgeFacts) facts = usual_facts ();
  g_autoptr (LodgeAnswers) answers
      = parse_answers ("[access]\nroot-password-hash=$6$saltsalt$"
                       "qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/"
                       "jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/\n");
  g_autoptr (GError) error = NULL;
  g_autofree char *parent = g_dir_make_tmp ("lodge-journal-XXXXXX", &error);

  (void)data;
  g_assert_no_error (error);
  fixture->directory = g_build_filename (parent, "lodge", NULL);
  fixture->path = g_build_filename (fixture->directory, "journal.conf", NULL);
  fixture->plan = lodge_plan_make (facts, answers, TEST_SEED, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *parent = g_path_get_dirname (fixture->directory);

  (void)data;
  g_unlink (fixture->path);
  g_rmdir (fixture->directory);
  g_assert_cmpint (g_rmdir (parent), ==, 0);
  g_free (fixture->directory);
  g_free (fixture->path);
  lodge_plan_free (fixture->plan);
}

static LodgeJournal *
open_journal (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  LodgeJournal *journal = lodge_journal_open (fixture->directory, &error);

  g_assert_no_error (error);
  return journal;
}

static void
begin (LodgeJournal *journal, const LodgePlan *plan)
{
  g_autoptr (GError) error = NULL;

  lodge_journal_begin (journal, plan, NULL, 0, &error);
  g_assert_no_error (error);
}

static void
record (LodgeJournal *journal, const char *step, LodgeStepState state, const char *message,
        gint64 milliseconds)
{
  g_autoptr (GError) error = NULL;

  lodge_journal_record (journal, step, state, message, milliseconds, &error);
  g_assert_no_error (error);
}

static void
test_absent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LodgeJournal) journal = open_journal (fixture);
  g_autoptr (GError) error = NULL;

  (void)data;
  g_assert_null (lodge_journal_plan (journal));
  g_assert_cmpint (lodge_journal_state (journal, "storage"), ==, LODGE_STEP_PENDING);
  g_assert_cmpint (lodge_journal_milliseconds (journal, "storage"), ==, -1);
  g_assert_null (lodge_journal_message (journal, "storage"));
  g_assert_false (g_file_test (fixture->directory, G_FILE_TEST_EXISTS));
  /* Steps belong to a plan. */
  g_assert_false (lodge_journal_record (journal, "storage", LODGE_STEP_DONE, NULL, 1, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
}

static void
test_states (Fixture *fixture, gconstpointer data)
{
  static const LodgeStepState states[]
      = { LODGE_STEP_STARTED, LODGE_STEP_DONE, LODGE_STEP_FAILED, LODGE_STEP_PENDING };
  g_autoptr (LodgeJournal) journal = open_journal (fixture);
  g_autofree char *plan = lodge_plan_serialize (fixture->plan);
  struct stat file;

  (void)data;
  begin (journal, fixture->plan);
  g_assert_cmpint (stat (fixture->path, &file), ==, 0);
  g_assert_cmpint (file.st_mode & 0777, ==, 0600);
  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autoptr (LodgeJournal) copy = NULL;
      g_autofree char *copied_plan = NULL;

      record (journal, "access", LODGE_STEP_DONE, NULL, 12);
      record (journal, "guest-networks", states[i], "=[it] failed;\n\"so\" – \\", 34567);
      copy = open_journal (fixture);
      g_assert_cmpint (lodge_journal_state (copy, "guest-networks"), ==, states[i]);
      g_assert_cmpstr (lodge_journal_message (copy, "guest-networks"), ==,
                       "=[it] failed;\n\"so\" – \\");
      g_assert_cmpint (lodge_journal_milliseconds (copy, "guest-networks"), ==, 34567);
      g_assert_cmpint (lodge_journal_state (copy, "access"), ==, LODGE_STEP_DONE);
      g_assert_cmpint (lodge_journal_milliseconds (copy, "access"), ==, 12);
      g_assert_null (lodge_journal_message (copy, "access"));
      copied_plan = lodge_plan_serialize (lodge_journal_plan (copy));
      g_assert_cmpstr (copied_plan, ==, plan);
    }
}

static void
test_complete (Fixture *fixture, gconstpointer data)
{
  static const LodgeStep steps[] = { { "one", "One", NULL }, { "two", "Two", NULL } };
  g_autoptr (LodgeJournal) journal = open_journal (fixture);

  (void)data;
  g_assert_false (lodge_journal_complete (journal, steps, 0));
  begin (journal, fixture->plan);
  g_assert_false (lodge_journal_complete (journal, steps, 2));
  record (journal, "one", LODGE_STEP_DONE, NULL, 1);
  g_assert_false (lodge_journal_complete (journal, steps, 2));
  record (journal, "two", LODGE_STEP_FAILED, "no", 1);
  g_assert_false (lodge_journal_complete (journal, steps, 2));
  record (journal, "two", LODGE_STEP_DONE, NULL, 1);
  g_assert_true (lodge_journal_complete (journal, steps, 2));
}

/* A new run forgets the old one's steps, except those it is told to keep. */
static void
test_begin_again (Fixture *fixture, gconstpointer data)
{
  static const LodgeJournalEntry kept[]
      = { { "storage", LODGE_STEP_DONE }, { "network", LODGE_STEP_STARTED } };
  g_autoptr (LodgeJournal) journal = open_journal (fixture);
  g_autoptr (LodgeJournal) copy = NULL;
  g_autoptr (GError) error = NULL;

  (void)data;
  begin (journal, fixture->plan);
  record (journal, "host", LODGE_STEP_DONE, NULL, 5);
  record (journal, "storage", LODGE_STEP_DONE, NULL, 77);
  record (journal, "network", LODGE_STEP_FAILED, "no DHCP", 9);
  lodge_journal_begin (journal, lodge_journal_plan (journal), kept, G_N_ELEMENTS (kept), &error);
  g_assert_no_error (error);
  copy = open_journal (fixture);
  g_assert_cmpint (lodge_journal_state (copy, "host"), ==, LODGE_STEP_PENDING);
  g_assert_cmpint (lodge_journal_state (copy, "storage"), ==, LODGE_STEP_DONE);
  g_assert_cmpint (lodge_journal_milliseconds (copy, "storage"), ==, 77);
  g_assert_cmpint (lodge_journal_state (copy, "network"), ==, LODGE_STEP_STARTED);
  g_assert_null (lodge_journal_message (copy, "network"));
}

/* Cut at every length, and with any one byte changed, the file is refused by its name: taken for a
 * younger journal it could make storage twice. */
static void
test_damage (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LodgeJournal) journal = open_journal (fixture);
  g_autofree char *text = NULL;
  gsize length;

  (void)data;
  begin (journal, fixture->plan);
  record (journal, "host", LODGE_STEP_DONE, NULL, 5);
  record (journal, "storage", LODGE_STEP_DONE, NULL, 77);
  g_assert_true (g_file_get_contents (fixture->path, &text, &length, NULL));

  for (gsize i = 0; i < 2 * length; i++)
    {
      g_autofree char *damaged = g_memdup2 (text, length + 1);
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeJournal) copy = NULL;
      gsize damaged_length = i < length ? i : length;

      if (i >= length)
        damaged[i - length] ^= 0x04;
      g_assert_true (g_file_set_contents (fixture->path, damaged, (gssize)damaged_length, NULL));
      copy = lodge_journal_open (fixture->directory, &error);
      g_assert_null (copy);
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
      g_assert_true (g_str_has_prefix (error->message, fixture->path));
    }
}

/* The process is killed at a random instant while it writes record after record: what is read
 * afterwards is always one of the states that it wrote. */
static void
test_killed (Fixture *fixture, gconstpointer data)
{
  (void)data;
  for (guint round = 0; round < 30; round++)
    {
      g_autoptr (LodgeJournal) journal = NULL;
      pid_t child = fork ();
      int status;

      g_assert_cmpint (child, !=, -1);
      if (child == 0)
        {
          LodgeJournal *writer = lodge_journal_open (fixture->directory, NULL);

          for (gint64 i = 0;; i++)
            if (!lodge_journal_begin (writer, fixture->plan, NULL, 0, NULL)
                || !lodge_journal_record (writer, "storage", LODGE_STEP_STARTED, NULL, -1, NULL)
                || !lodge_journal_record (writer, "storage", LODGE_STEP_DONE, NULL, i, NULL))
              _exit (1);
        }
      g_usleep (1000 + (gulong)g_test_rand_int_range (0, 20000));
      kill (child, SIGKILL);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFSIGNALED (status));

      journal = open_journal (fixture);
      if (lodge_journal_plan (journal) == NULL)
        g_assert_cmpint (lodge_journal_state (journal, "storage"), ==, LODGE_STEP_PENDING);
      else if (lodge_journal_state (journal, "storage") == LODGE_STEP_DONE)
        g_assert_cmpint (lodge_journal_milliseconds (journal, "storage"), >=, 0);
    }
  /* Files that were being written beside it when the process died. */
  {
    g_autoptr (GDir) left = g_dir_open (fixture->directory, 0, NULL);
    const char *name;

    while (left != NULL && (name = g_dir_read_name (left)) != NULL)
      {
        g_autofree char *path = g_build_filename (fixture->directory, name, NULL);
        g_unlink (path);
      }
  }
}

/* The disk is full (here: the directory has become a file): the record fails and says so, and the
 * journal in memory stays what is on the disk. */
static void
test_unwritable (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LodgeJournal) journal = open_journal (fixture);
  g_autoptr (GError) error = NULL;

  (void)data;
  begin (journal, fixture->plan);
  record (journal, "host", LODGE_STEP_STARTED, NULL, -1);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_assert_true (g_file_set_contents (fixture->directory, "", 0, NULL));
  g_assert_false (lodge_journal_record (journal, "host", LODGE_STEP_DONE, NULL, 5, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (lodge_journal_state (journal, "host"), ==, LODGE_STEP_STARTED);
  g_assert_cmpint (g_unlink (fixture->directory), ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/journal/absent", test_absent },         { "/journal/states", test_states },
    { "/journal/complete", test_complete },     { "/journal/begin-again", test_begin_again },
    { "/journal/damage", test_damage },         { "/journal/killed", test_killed },
    { "/journal/unwritable", test_unwritable },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
