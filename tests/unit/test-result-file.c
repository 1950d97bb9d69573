/* What the sandbox leaves is read when it is a file, and never through a link.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/result-file.h"
#include "common/error.h"
#include "tests/unit/fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *directory;
  char *secret; /* a file of the machine */
  char *made;
  char *copy;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  (void)data;
  fixture->directory = make_directory ();
  fixture->secret = g_build_filename (fixture->directory, "secret", NULL);
  fixture->made = g_build_filename (fixture->directory, "made", NULL);
  fixture->copy = g_build_filename (fixture->directory, "copy", NULL);
  g_assert_true (g_file_set_contents (fixture->secret, "secret", -1, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  remove_directory (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->secret);
  g_free (fixture->made);
  g_free (fixture->copy);
}

static void
assert_refused (const Fixture *fixture)
{
  g_autoptr (GError) checked = NULL;
  g_autoptr (GError) copied = NULL;

  g_assert_false (lodge_result_check (fixture->made, &checked));
  g_assert_error (checked, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (checked->message, fixture->made));
  g_assert_false (lodge_result_copy (fixture->made, fixture->copy, 0755, NULL, &copied));
  g_assert_error (copied, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_false (g_file_test (fixture->copy, G_FILE_TEST_EXISTS));
}

static void
test_not_a_file (Fixture *fixture, gconstpointer data)
{
  (void)data;
  assert_refused (fixture);
  g_assert_cmpint (symlink (fixture->secret, fixture->made), ==, 0);
  assert_refused (fixture);
  g_assert_cmpint (unlink (fixture->made), ==, 0);
  g_assert_cmpint (mkfifo (fixture->made, 0600), ==, 0);
  assert_refused (fixture);
  g_assert_cmpint (unlink (fixture->made), ==, 0);
  g_assert_cmpint (g_mkdir (fixture->made, 0700), ==, 0);
  assert_refused (fixture);
}

/* Over what is there, which may be a link as well. */
static void
test_copy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *copied = NULL;
  g_autofree char *secret = NULL;
  struct stat status;

  (void)data;
  for (guint i = 0; i < 50000; i++)
    g_string_append_printf (text, "%u\n", i);
  g_assert_true (g_file_set_contents (fixture->made, text->str, -1, NULL));
  g_assert_cmpint (symlink (fixture->secret, fixture->copy), ==, 0);
  g_assert_true (lodge_result_check (fixture->made, &error));
  g_assert_true (lodge_result_copy (fixture->made, fixture->copy, 0755, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (lstat (fixture->copy, &status), ==, 0);
  g_assert_true (S_ISREG (status.st_mode));
  g_assert_cmpint (status.st_mode & 07777, ==, 0755);
  g_assert_true (g_file_get_contents (fixture->copy, &copied, NULL, NULL));
  g_assert_cmpstr (copied, ==, text->str);
  g_assert_true (g_file_get_contents (fixture->secret, &secret, NULL, NULL));
  g_assert_cmpstr (secret, ==, "secret");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/result-file/not-a-file", Fixture, NULL, set_up, test_not_a_file, tear_down);
  g_test_add ("/result-file/copy", Fixture, NULL, set_up, test_copy, tear_down);
  return g_test_run ();
}
