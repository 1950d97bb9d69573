/* answers.conf: good and bad files, one host of many, and files mutated at random.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tests/fixtures/answers: good-NAME.conf must give good-NAME.expected, the canonical form;
 * bad-NAME.conf says in its first line, behind "# ", with which message it must be refused.
 */
#include "common/answers.h"
#include "common/error.h"
#include "common/file.h"

#include <string.h>

static char *
fixture (const char *name)
{
  const char *top = g_getenv ("LODGE_TOP");

  return g_build_filename (top != NULL ? top : ".", "tests", "fixtures", "answers", name, NULL);
}

static GPtrArray *
list_fixtures (const char *prefix)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = fixture ("");
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  g_assert_nonnull (directory);
  while ((name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_prefix (name, prefix) && g_str_has_suffix (name, ".conf"))
      g_ptr_array_add (names, g_strdup (name));
  g_assert_cmpuint (names->len, >, 0);
  return names;
}

static char *
read_fixture (const char *name, gsize *length)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = fixture (name);
  char *text = lodge_file_read (path, 1024 * 1024, length, &error);

  g_assert_no_error (error);
  return text;
}

/* Compares TEXT with the golden file NAME, or writes that. */
static void
assert_golden (const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = fixture (name);
  g_autofree char *expected = NULL;

  if (g_getenv ("LODGE_UPDATE_GOLDEN") != NULL)
    {
      lodge_file_replace (path, text, -1, 0644, &error);
      g_assert_no_error (error);
    }
  expected = read_fixture (name, NULL);
  g_assert_cmpstr (text, ==, expected);
}

static char *
parse_and_format (const char *text, gsize length, const LodgeHostIdentity *host)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeAnswers) answers = lodge_answers_parse ("F", text, length, host, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (answers->source, ==, "F");
  return lodge_answers_format (answers, TRUE);
}

static void
test_good (gconstpointer data)
{
  const char *name = data;
  gsize length;
  g_autofree char *text = read_fixture (name, &length);
  g_autofree char *canonical = parse_and_format (text, length, NULL);
  g_autofree char *base = g_strndup (name, strlen (name) - strlen (".conf"));
  g_autofree char *expected = g_strconcat (base, ".expected", NULL);

  assert_golden (expected, canonical);
}

static void
test_bad (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *name = data;
  gsize length;
  g_autofree char *text = read_fixture (name, &length);
  char *end = strchr (text, '\n');
  g_autofree char *expected = NULL;

  g_assert_true (g_str_has_prefix (text, "# "));
  g_assert_nonnull (end);
  expected = g_strdup_printf ("F:%.*s", (int) (end - text - 2), text + 2);
  g_assert_null (lodge_answers_parse ("F", text, length, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_assert_cmpstr (error->message, ==, expected);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GPtrArray) good = list_fixtures ("good-");
  g_autoptr (GPtrArray) bad = list_fixtures ("bad-");

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < good->len; i++)
    {
      g_autofree char *path
          = g_strconcat ("/answers/", (char *) g_ptr_array_index (good, i), NULL);

      g_test_add_data_func (path, g_ptr_array_index (good, i), test_good);
    }
  for (guint i = 0; i < bad->len; i++)
    {
      g_autofree char *path = g_strconcat ("/answers/", (char *) g_ptr_array_index (bad, i), NULL);

      g_test_add_data_func (path, g_ptr_array_index (bad, i), test_bad);
    }
  return g_test_run ();
}
