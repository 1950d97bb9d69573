/* The packages of an rpm database, read by the real rpm: and what it does not read is told.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/inspect.h"
#include "builder/remove.h"
#include "common/error.h"
#include "common/run.h"

#include <stdio.h>
#include <string.h>

typedef struct
{
  char *directory;
  char *database;
  JsonObject *facts;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  (void)data;
  fixture->directory = g_dir_make_tmp ("lodge-rpm-XXXXXX", NULL);
  fixture->database = g_build_filename (fixture->directory, "db", NULL);
  fixture->facts = json_object_new ();
  g_assert_cmpint (g_mkdir_with_parents (fixture->database, 0700), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  lodge_remove_tree (fixture->directory, &error);
  g_assert_no_error (error);
  g_free (fixture->directory);
  g_free (fixture->database);
  json_object_unref (fixture->facts);
}

static void
write_database (const Fixture *fixture, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->database, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
assert_warned (const Fixture *fixture, const char *backend)
{
  g_autofree char *wanted = g_strdup_printf ("*in rpm's format %s, in which this machine's rpm "
                                             "finds no package*",
                                             backend);
  JsonArray *warnings = json_object_get_array_member (fixture->facts, "warnings");

  g_assert_false (json_object_has_member (fixture->facts, "packages"));
  g_assert_nonnull (warnings);
  g_assert_cmpuint (json_array_get_length (warnings), ==, 1);
  g_assert_true (g_pattern_match_simple (wanted, json_array_get_string_element (warnings, 0)));
}

static gboolean
read_database (const Fixture *fixture, const char *backend, GError **error)
{
  return lodge_inspect_rpm_database ("rpm", fixture->database, backend, fixture->facts, NULL,
                                     error);
}

static void
test_packages (Fixture *fixture, gconstpointer data)
{
  static const char script[]
      = "cd \"$1\"\n"
        "printf '%s\\n' 'Name: a' 'Version: 1' 'Release: 2' 'Epoch: 3' 'Summary: a' 'License: x' "
        "'BuildArch: noarch' %description x %files >a.spec\n"
        "rpmbuild --quiet -bb --define \"_topdir $1\" --define \"_rpmdir $1\" a.spec\n"
        "rpm --define '_db_backend sqlite' --dbpath \"$1/db\" -i --justdb --nodeps "
        "\"$1\"/noarch/*.rpm\n";
  const char *argv[] = { "sh", "-ec", script, "sh", fixture->directory, NULL };
  g_autofree char *builder = g_find_program_in_path ("rpmbuild");
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *packages;
  JsonObject *package;

  (void)data;
  if (builder == NULL)
    {
      g_test_skip ("rpmbuild is not installed");
      return;
    }
  output = lodge_run (argv, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (read_database (fixture, "sqlite", &error));
  g_assert_no_error (error);
  packages = json_object_get_array_member (fixture->facts, "packages");
  g_assert_cmpuint (json_array_get_length (packages), ==, 1);
  package = json_array_get_object_element (packages, 0);
  g_assert_cmpstr (json_object_get_string_member (package, "name"), ==, "a");
  g_assert_cmpstr (json_object_get_string_member (package, "version"), ==, "3:1-2");
  g_assert_cmpstr (json_object_get_string_member (package, "architecture"), ==, "noarch");
  g_assert_false (json_object_has_member (fixture->facts, "warnings"));
}

/* rpm makes an empty database then, and is content. */
static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  g_assert_true (read_database (fixture, "sqlite", &error));
  g_assert_no_error (error);
  assert_warned (fixture, "sqlite");
}

static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  write_database (fixture, "rpmdb.sqlite", "this is no database, and longer than a header of one");
  g_assert_false (read_database (fixture, "sqlite", &error));
  g_assert_nonnull (error);
  g_assert_true (g_str_has_prefix (error->message, "read the image's package database: rpm: "));
}

/* Those of older systems, which few programs called rpm read: here damaged, so that none does. */
static void
test_other_format (Fixture *fixture, gconstpointer data)
{
  const char *backend = data;
  g_autoptr (GError) error = NULL;

  write_database (fixture, strcmp (backend, "ndb") == 0 ? "Packages.db" : "Packages",
                  "this is no database");
  g_assert_true (read_database (fixture, backend, &error));
  g_assert_no_error (error);
  assert_warned (fixture, backend);
}

int
main (int argc, char **argv)
{
  g_autofree char *program = NULL;

  g_test_init (&argc, &argv, NULL);
  program = g_find_program_in_path ("rpm");
  if (program == NULL)
    {
      puts ("1..0 # SKIP rpm is not installed");
      return 0;
    }
  g_test_add ("/inspect-rpm/packages", Fixture, NULL, set_up, test_packages, tear_down);
  g_test_add ("/inspect-rpm/nothing", Fixture, NULL, set_up, test_nothing, tear_down);
  g_test_add ("/inspect-rpm/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/inspect-rpm/ndb", Fixture, "ndb", set_up, test_other_format, tear_down);
  g_test_add ("/inspect-rpm/bdb", Fixture, "bdb_ro", set_up, test_other_format, tear_down);
  return g_test_run ();
}
