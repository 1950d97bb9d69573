/* The templates of the RPM family against what was recorded of the distributions
 * (tests/fixtures/el): no template may name a package that its release does not ship.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/el-source.h"
#include "builder/processor.h"
#include "common/error.h"
#include "tests/unit/fixture.h"

#include <string.h>

/* The lines of a table, without comments, split into words; of GStrv. */
static GPtrArray *
read_table (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = top_file (name);
  g_autofree char *text = lodge_file_read (path, 1024 * 1024, NULL, &error);
  g_auto (GStrv) lines = NULL;
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);

  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0' && **line != '#')
      g_ptr_array_add (rows, g_strsplit (*line, " ", -1));
  return rows;
}

static LodgeTemplate *
load (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *root = top_file ("templates");
  LodgeTemplate *template = lodge_template_load (root, name, &error);

  g_assert_no_error (error);
  return template;
}

/* The repository letter of PACKAGE in release 9 or 10; '?' when the table does not have it. */
static char
find_package (const GPtrArray *table, const char *package, gboolean ten)
{
  for (guint i = 0; i < table->len; i++)
    {
      char **row = g_ptr_array_index (table, i);

      if (strcmp (row[0], package) == 0)
        return row[ten ? 2 : 1][0];
    }
  return '?';
}

static void
check_packages (const LodgeTemplate *template, const GPtrArray *table, char **names,
                const char *letters)
{
  gboolean ten = g_str_has_prefix (template->release, "10");

  for (; *names != NULL; names++)
    {
      char letter = find_package (table, *names, ten);

      if (strchr (letters, letter) == NULL)
        {
          g_test_message ("%s: %s is in \"%c\", which is not one of \"%s\"", template->name, *names,
                          letter, letters);
          g_test_fail ();
        }
    }
}

static void
test_packages (void)
{
  g_autoptr (GPtrArray) distributions = read_table ("tests/fixtures/el/distributions.table");
  g_autoptr (GPtrArray) table = read_table ("tests/fixtures/el/packages.table");

  for (guint i = 0; i < distributions->len; i++)
    {
      char **row = g_ptr_array_index (distributions, i);
      g_autoptr (LodgeTemplate) template = load (row[0]);

      /* CRB is for compiling alone. */
      check_packages (template, table, template->install, "BA");
      check_packages (template, table, template->build_depends, "BAC");
      g_assert_cmpuint (g_strv_length (template->install), >, 60);
    }
  /* The test can fail: these are known not to be in release 10, or not in release 9. */
  g_assert_cmpint (find_package (table, "amd-ucode-firmware", FALSE), ==, '-');
  g_assert_cmpint (find_package (table, "gdisk", TRUE), ==, '-');
  g_assert_cmpint (find_package (table, "ceph-common", TRUE), ==, '-');
  g_assert_cmpint (find_package (table, "no-such-package", FALSE), ==, '?');
}

/* The lists of BaseOS, AppStream and CRB, as ROW of the table has them. */
static void
check_repositories (const LodgeElSources *sources, char **row)
{
  static const char *const ids[] = { "baseos", "appstream", "crb" };

  g_assert_cmpuint (sources->repositories->len, ==, G_N_ELEMENTS (ids));
  for (guint i = 0; i < sources->repositories->len; i++)
    {
      const LodgeElRepository *repository = g_ptr_array_index (sources->repositories, i);

      g_assert_cmpstr (repository->id, ==, ids[i]);
      g_assert_cmpstr (repository->url, ==, row[4 + i]);
    }
}

static void
test_distributions (void)
{
  g_autoptr (GPtrArray) distributions = read_table ("tests/fixtures/el/distributions.table");

  g_assert_cmpuint (distributions->len, ==, 6);
  for (guint i = 0; i < distributions->len; i++)
    {
      char **row = g_ptr_array_index (distributions, i);
      g_autoptr (LodgeTemplate) template = load (row[0]);
      LodgeBuildOptions options = { .template = row[0] };
      LodgeBuildPlan plan = { .template = template, .options = &options };
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeElSources) sources
          = lodge_el_sources_find (&plan, "/nonexistent", NULL, &error);

      g_assert_no_error (error);
      check_repositories (sources, row);
      g_assert_cmpuint (g_strv_length (template->fingerprints), ==, 1);
      g_assert_cmpstr (template->fingerprints[0], ==, row[1]);
      g_assert_cmpstr (template->rpm_database, ==, row[2]);
      g_assert_cmpstr (template->processor_level, ==, row[3]);
    }
}

/* A processor below the release's level is refused before anything is downloaded, in words that say
 * which it has. */
static void
test_processor (void)
{
  static const char haswell[]
      = "model name\t: Intel Haswell\nflags\t\t: fpu lm cx16 lahf_lm popcnt pni "
        "sse4_1 sse4_2 ssse3 avx avx2 bmi1 bmi2 f16c fma abm movbe xsave\n";
  static const char nehalem[]
      = "flags\t\t: fpu lm cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3\nbugs\t\t:\n";
  g_autoptr (LodgeTemplate) nine = load ("centos-stream-9");
  g_autoptr (LodgeTemplate) ten = load ("centos-stream-10");
  g_autoptr (LodgeTemplate) debian = load ("debian-13");
  g_autoptr (GError) error = NULL;

  g_assert_true (lodge_processor_check_text (nine, nehalem, NULL));
  g_assert_true (lodge_processor_check_text (ten, haswell, NULL));
  g_assert_true (lodge_processor_check_text (debian, "", NULL));
  g_assert_false (lodge_processor_check_text (nine, "flags : fpu lm\n", NULL));
  g_assert_false (lodge_processor_check_text (ten, nehalem, &error));
  g_assert_nonnull (
      strstr (error->message, "CentOS Stream 10 needs a processor of level x86-64-v3"));
  g_assert_nonnull (strstr (error->message, "of level v2"));
}

/* At most ten lines of its own. */
static void
test_size (void)
{
  g_autoptr (GPtrArray) distributions = read_table ("tests/fixtures/el/distributions.table");

  for (guint i = 0; i < distributions->len; i++)
    {
      char **row = g_ptr_array_index (distributions, i);
      g_autofree char *name = g_build_filename ("templates", row[0], "template.conf", NULL);
      g_autoptr (GPtrArray) lines = read_table (name);

      g_assert_cmpuint (lines->len, <=, 10);
    }
}

static void
make_repository (const char *top, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_build_filename (top, path, "repodata", "repomd.xml", NULL);

  lodge_file_replace (file, "<repomd/>", -1, 0644, &error);
  g_assert_no_error (error);
}

/* Directories laid out as mirrors and as DVDs, several at once, and what is missing. */
static void
test_sources (void)
{
  g_autofree char *top = make_directory ();
  g_autofree char *mirror = g_build_filename (top, "mirror", NULL);
  g_autofree char *dvd = g_build_filename (top, "dvd", NULL);
  g_autoptr (LodgeTemplate) template = load ("centos-stream-9");
  char *both[] = { dvd, mirror, NULL };
  char *one[] = { dvd, NULL };
  char *none[] = { top, NULL };
  LodgeBuildOptions options = { .sources = both };
  LodgeBuildPlan plan = { .template = template, .options = &options };
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeElSources) sources = NULL;
  const LodgeElRepository *repository;

  make_repository (dvd, "BaseOS");
  make_repository (dvd, "AppStream");
  make_repository (mirror, "BaseOS/x86_64/os");
  make_repository (mirror, "CRB/x86_64/os");
  sources = lodge_el_sources_find (&plan, top, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sources->repositories->len, ==, 4);
  repository = g_ptr_array_index (sources->repositories, 2);
  g_assert_cmpstr (repository->id, ==, "baseos-2");
  g_assert_true (g_str_has_suffix (repository->directory, "/mirror/BaseOS/x86_64/os"));

  options.sources = one;
  g_assert_null (lodge_el_sources_find (&plan, top, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "no repository CRB"));
  g_clear_error (&error);

  options.sources = none;
  g_assert_null (lodge_el_sources_find (&plan, top, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  remove_directory (top);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/el-templates/processor", test_processor);
  g_test_add_func ("/el-templates/packages", test_packages);
  g_test_add_func ("/el-templates/distributions", test_distributions);
  g_test_add_func ("/el-templates/size", test_size);
  g_test_add_func ("/el-templates/sources", test_sources);
  return g_test_run ();
}
