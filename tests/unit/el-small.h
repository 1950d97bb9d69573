/* A signed repository of a few packages (tests/el/make-small-repository), for what must stop a
 * build of the RPM family. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier:
 * GPL-3.0-or-later
 */
#pragma once

#include "builder/family-el.h"
#include "common/error.h"
#include "common/run.h"
#include "tests/unit/el-fixture.h"

#define BASEOS "1/BaseOS/x86_64/os"

static char *repository; /* as it was made; each test has a copy of its own */

static inline void
run_script (const char *command, const char *second, const char *third, const char *fourth)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *script = top_file ("tests/el/make-small-repository");
  g_autofree char *output = lodge_run_list (&error, script, command, second, third, fourth, NULL);

  g_assert_no_error (error);
  g_assert_nonnull (output);
}

static inline void
set_up (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "BaseOS", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *top = make_directory ();
  g_autofree char *copy = g_build_filename (top, "small", NULL);
  g_autofree char *output = lodge_run_list (&error, "cp", "--archive", repository, copy, NULL);

  (void)data;
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (top, 0755), ==, 0);
  fixture_open (fixture, copy);
  g_strfreev (fixture->template->repositories);
  fixture->template->repositories = g_strdupv ((char **)names);
  /* Nothing is compiled. */
  fixture->options->firstboot = g_strdup ("lodge-firstboot.rpm");
}

static inline void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *top = g_path_get_dirname (fixture->standin);

  (void)data;
  remove_directory (top);
  fixture_close (fixture);
}

static inline void
want (Fixture *fixture, const char *name)
{
  const char *const names[] = { name, NULL };

  g_strfreev (fixture->template->install);
  fixture->template->install = g_strdupv ((char **)names);
}

static inline char *
package_file (const Fixture *fixture, const char *name)
{
  g_autofree char *file = g_strconcat (name, "-1-1.noarch.rpm", NULL);

  return g_build_filename (fixture->standin, BASEOS, "Packages", file, NULL);
}

/* The metadata anew, as whoever changed a package would make it, signed by KEY. */
static inline void
publish (const Fixture *fixture, const char *key)
{
  g_autofree char *place = g_build_filename (fixture->standin, BASEOS, NULL);

  run_script ("publish", fixture->standin, place, key);
}

/* ERROR is one sentence with WORDS in it, and an ordinary failure: exit status 1. */
static inline void
check_refused (gboolean done, const GError *error, const char *words)
{
  g_assert_false (done);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, words));
}

/* Nothing came into the cache or to where packages are installed from. */
static inline void
check_nothing_kept (const Fixture *fixture)
{
  g_autofree char *kept = g_build_filename (fixture->build.cache, "packages", "sha256", NULL);
  g_autofree char *saved = g_build_filename (fixture->build.temporary, LODGE_EL_SAVED, NULL);

  g_assert_cmpuint (g_file_test (kept, G_FILE_TEST_IS_DIR) ? count_entries (kept) : 0, ==, 0);
  g_assert_false (g_file_test (saved, G_FILE_TEST_EXISTS));
}

static inline void
check_fetch_refused (Fixture *fixture, const char *words)
{
  g_autoptr (GError) error = NULL;
  gboolean done = lodge_el_fetch (&fixture->build, &error);

  check_refused (done, error, words);
  g_assert_null (strstr (error->message, "secret"));
  check_nothing_kept (fixture);
}

/* Makes it; FALSE, and said so as TAP, when a program for that is not here. */
static inline gboolean
small_make (void)
{
  static const char *const programs[] = { "createrepo_c", "rpmbuild", "rpmsign", "dnf", "bsdtar" };
  g_autofree char *top = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *program = g_find_program_in_path (programs[i]);

      if (program == NULL || g_getenv ("LODGE_BUILD") == NULL)
        {
          g_print ("1..0 # SKIP no %s here (make check-el installs it)\n", programs[i]);
          return FALSE;
        }
    }
  top = make_directory ();
  repository = g_build_filename (top, "small", NULL);
  run_script ("make", repository, NULL, NULL);
  return TRUE;
}

/* Runs the tests, and takes it away. */
static inline int
small_run (void)
{
  g_autofree char *top = g_path_get_dirname (repository);
  int status = g_test_run ();

  run_script ("end", repository, NULL, NULL);
  remove_directory (top);
  g_free (repository);
  return status;
}
