/* Which plan a run goes by when there is a recorded one: begin.h's table, row by row.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "firstboot/begin.h"
#include "tests/unit/made-up-facts.h"

#include <glib/gstdio.h>
#include <string.h>

#define NEW_ADDRESS "[network]\nipv4=static\naddress=192.0.2.10/24\n"

/* Never run: only their names count here. */
static const LodgeStep steps[] = {
  { "host", "Host", NULL },
  { "storage", "Storage", NULL },
  { "network", "Network", NULL },
  { "guest-networks", "Networks", NULL },
};

typedef struct
{
  char *directory;
  LodgeJournal *journal;
  LodgeFacts *facts;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  fixture->directory = g_dir_make_tmp ("lodge-begin-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->journal = lodge_journal_open (fixture->directory, &error);
  g_assert_no_error (error);
  fixture->facts = usual_facts ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "journal.conf", NULL);

  (void)data;
  g_unlink (path);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
  lodge_journal_free (fixture->journal);
  lodge_facts_free (fixture->facts);
}

static gboolean
begin (Fixture *fixture, const char *answers_text, gboolean new_plan, GError **error)
{
  g_autoptr (LodgeAnswers) answers = answers_text != NULL ? parse_answers (answers_text) : NULL;
  LodgeBeginning beginning = { .root = "",
                               .facts = fixture->facts,
                               .answers = answers,
                               .seed = TEST_SEED,
                               .new_plan = new_plan,
                               .steps = steps,
                               .count = G_N_ELEMENTS (steps) };

  return lodge_begin (fixture->journal, &beginning, error);
}

/* The first run, and how far it came: host done, then STORAGE, NETWORK. */
static void
first_run (Fixture *fixture, const char *answers, LodgeStepState storage, LodgeStepState network)
{
  g_autoptr (GError) error = NULL;

  begin (fixture, answers, FALSE, &error);
  g_assert_no_error (error);
  lodge_journal_record (fixture->journal, "host", LODGE_STEP_DONE, NULL, 10, &error);
  g_assert_no_error (error);
  lodge_journal_record (fixture->journal, "storage", storage, NULL, 20, &error);
  g_assert_no_error (error);
  lodge_journal_record (fixture->journal, "network", network, NULL, 30, &error);
  g_assert_no_error (error);
}

static char *
states (const Fixture *fixture)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    g_string_append_printf (
        text, "%s%s", i > 0 ? " " : "",
        lodge_step_state_name (lodge_journal_state (fixture->journal, steps[i].id)));
  return g_string_free (text, FALSE);
}

static const char *
address (const Fixture *fixture)
{
  return lodge_journal_plan (fixture->journal)->answers->address;
}

static void
test_first (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  (void)data;
  g_assert_true (begin (fixture, "", FALSE, &error));
  text = states (fixture);
  g_assert_cmpstr (text, ==, "pending pending pending pending");
}

/* Nothing is recorded of a plan that is refused. */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  g_assert_false (begin (fixture, "[storage]\ndisks=serial:STICK\n", FALSE, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  g_assert_null (lodge_journal_plan (fixture->journal));
}

/* The recorded plan goes on as it is, though its disk is no longer blank; it would be refused now.
 */
static void
test_resume (Fixture *fixture, gconstpointer data)
{
  static const char *const given[]
      = { NULL, "", "# the same, in other words\n[storage]\ndisks=auto\n" };

  (void)data;
  first_run (fixture, "", LODGE_STEP_STARTED, LODGE_STEP_PENDING);
  g_ptr_array_set_size (fixture->facts->disks, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (given); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      g_assert_true (begin (fixture, given[i], FALSE, &error));
      g_assert_no_error (error);
      text = states (fixture);
      g_assert_cmpstr (text, ==, "done started pending pending");
    }
}

static void
test_other_answers (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  (void)data;
  first_run (fixture, "", LODGE_STEP_DONE, LODGE_STEP_FAILED);
  g_ptr_array_set_size (fixture->facts->disks, 1);
  g_assert_true (begin (fixture, NEW_ADDRESS, FALSE, &error));
  g_assert_no_error (error);
  text = states (fixture);
  /* What ran with the old answers runs again; storage is made. */
  g_assert_cmpstr (text, ==, "started done started pending");
  g_assert_cmpstr (address (fixture), ==, "192.0.2.10/24");
}

/* What is shown before is what is begun: the storage that was made is kept. */
static void
test_course (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *answers;
    const char *done; /* the steps, one character each */
    gboolean recorded;
  } cases[] = { { "", "yyn.", TRUE }, { NEW_ADDRESS, "nyn.", FALSE } };

  (void)data;
  first_run (fixture, "", LODGE_STEP_DONE, LODGE_STEP_FAILED);
  g_ptr_array_set_size (fixture->facts->disks, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LodgeAnswers) answers = parse_answers (cases[i].answers);
      LodgeBeginning beginning = { .facts = fixture->facts,
                                   .answers = answers,
                                   .seed = TEST_SEED,
                                   .steps = steps,
                                   .count = G_N_ELEMENTS (steps) };
      g_auto (LodgeCourse) course = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;
      g_autofree char *before = states (fixture);
      g_autofree char *after = NULL;

      g_assert_true (lodge_begin_find_course (fixture->journal, &beginning, &course, &error));
      g_assert_no_error (error);
      g_assert_cmpint (course.recorded, ==, cases[i].recorded);
      g_assert_cmpuint (course.count, ==, 3);
      for (gsize j = 0; j < G_N_ELEMENTS (steps); j++)
        g_assert_cmpint (lodge_course_is_done (&course, steps[j].id), ==, cases[i].done[j] == 'y');
      text = lodge_course_describe (&course);
      g_assert_nonnull (strstr (text, "Keep the VM storage that was made already, on vda"));
      g_assert_null (strstr (text, "create one GPT partition"));
      g_assert_nonnull (strstr (text, "Make the bridge"));
      after = states (fixture);
      g_assert_cmpstr (after, ==, before);
    }
}

static void
test_storage_in_between (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  (void)data;
  first_run (fixture, "", LODGE_STEP_FAILED, LODGE_STEP_PENDING);
  g_assert_true (begin (fixture, NEW_ADDRESS, FALSE, &error));
  g_assert_no_error (error);
  text = states (fixture);
  g_assert_cmpstr (text, ==, "started failed pending pending");
}

/* Another disk: its step knows nothing of the first one's. */
static void
test_other_disk (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  (void)data;
  first_run (fixture, "", LODGE_STEP_FAILED, LODGE_STEP_PENDING);
  add_disk (fixture->facts, "vdb", "S2", NULL);
  g_assert_true (begin (fixture, "[storage]\ndisks=serial:S2\n", FALSE, &error));
  g_assert_no_error (error);
  text = states (fixture);
  g_assert_cmpstr (text, ==, "started pending pending pending");
}

static void
test_other_disk_too_late (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  (void)data;
  first_run (fixture, "", LODGE_STEP_DONE, LODGE_STEP_FAILED);
  add_disk (fixture->facts, "vdb", "S2", NULL);
  g_assert_false (begin (fixture, "[storage]\ndisks=serial:S2\n", FALSE, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  text = states (fixture);
  g_assert_cmpstr (text, ==, "done done failed pending");
  g_assert_null (address (fixture));
}

/* Answers that were taken away before storage began are not gone on with. */
static void
test_withdrawn (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  g_assert_false (lodge_begin_is_withdrawn (fixture->journal));
  g_assert_true (begin (fixture, "", FALSE, &error));
  g_assert_true (lodge_begin_is_withdrawn (fixture->journal));
  lodge_journal_record (fixture->journal, "storage", LODGE_STEP_STARTED, NULL, -1, &error);
  g_assert_no_error (error);
  g_assert_false (lodge_begin_is_withdrawn (fixture->journal));
}

static void
test_given (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LodgeAnswers) answers = parse_answers ("");
  LodgeBeginning beginning = { .root = "",
                               .facts = fixture->facts,
                               .answers = answers,
                               .answers_given = TRUE,
                               .seed = TEST_SEED,
                               .steps = steps,
                               .count = G_N_ELEMENTS (steps) };
  g_autoptr (GError) error = NULL;

  (void)data;
  g_assert_true (lodge_begin (fixture->journal, &beginning, &error));
  g_assert_false (lodge_begin_is_withdrawn (fixture->journal));
}

static void
test_new_plan (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  (void)data;
  /* The disk died, `auto` shall take the one put in its place. */
  first_run (fixture, "", LODGE_STEP_FAILED, LODGE_STEP_PENDING);
  g_ptr_array_set_size (fixture->facts->disks, 1);
  add_disk (fixture->facts, "vdb", "S2", NULL);
  g_assert_true (begin (fixture, NULL, TRUE, &error));
  g_assert_no_error (error);
  text = states (fixture);
  g_assert_cmpstr (text, ==, "pending pending pending pending");
  g_assert_cmpstr (
      ((const LodgePlanDisk *)lodge_journal_plan (fixture->journal)->disks->pdata[0])->serial, ==,
      "S2");

  lodge_journal_record (fixture->journal, "storage", LODGE_STEP_DONE, NULL, 1, &error);
  g_assert_no_error (error);
  g_assert_false (begin (fixture, NULL, TRUE, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
}

/* A change runs its own steps again, and leaves the others done. */
static void
test_change (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgePlan) plan = NULL;
  g_autofree char *text = NULL;
  g_autofree char *after = NULL;

  (void)data;
  first_run (fixture, "", LODGE_STEP_DONE, LODGE_STEP_DONE);
  plan = lodge_plan_copy (lodge_journal_plan (fixture->journal), &error);
  g_assert_no_error (error);
  plan->steps = g_strsplit ("host network", " ", -1);
  g_assert_true (lodge_begin_change (fixture->journal, plan, steps, G_N_ELEMENTS (steps), &error));
  text = states (fixture);
  g_assert_cmpstr (text, ==, "started done started done");
  g_assert_cmpint (lodge_journal_milliseconds (fixture->journal, "storage"), ==, 20);

  /* What a later boot reads. */
  lodge_journal_free (fixture->journal);
  fixture->journal = lodge_journal_open (fixture->directory, &error);
  g_assert_no_error (error);
  after = states (fixture);
  g_assert_cmpstr (after, ==, text);
  g_assert_cmpstr (lodge_journal_plan (fixture->journal)->steps[1], ==, "network");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/begin/first", test_first },
    { "/begin/refused", test_refused },
    { "/begin/resume", test_resume },
    { "/begin/other-answers", test_other_answers },
    { "/begin/storage-in-between", test_storage_in_between },
    { "/begin/other-disk", test_other_disk },
    { "/begin/other-disk-too-late", test_other_disk_too_late },
    { "/begin/new-plan", test_new_plan },
    { "/begin/withdrawn", test_withdrawn },
    { "/begin/given", test_given },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  g_test_add ("/begin/course", Fixture, NULL, set_up, test_course, tear_down);
  g_test_add ("/begin/change", Fixture, NULL, set_up, test_change, tear_down);
  return g_test_run ();
}
