/* The trees of both families: a removal that fails is told of by the build's session alone.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/debian-tree.h"
#include "builder/el-tree.h"
#include "tests/unit/fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

typedef struct
{
  char *directory;
  char *told; /* path of what the progress says */
  int fd;
  LodgeTemplate template;
  LodgeBuildPlan plan;
  LodgeBuild build;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *logs = NULL;
  LodgeBuild *build = &fixture->build;

  (void)data;
  fixture->directory = make_directory ();
  fixture->told = g_build_filename (fixture->directory, "told", NULL);
  fixture->fd = g_open (fixture->told, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  g_assert_cmpint (fixture->fd, >=, 0);
  fixture->template.name = (char *)"test";
  fixture->plan.template = &fixture->template;
  build->plan = &fixture->plan;
  build->packages = g_ptr_array_new ();
  build->cache = fixture->directory;
  build->temporary = g_build_filename (fixture->directory, "tmp", NULL);
  build->helper = g_build_filename (fixture->directory, "no-helper", NULL);
  build->progress = lodge_progress_new_for_fd (LODGE_PROGRESS_PLAIN, fixture->fd);
  logs = g_build_filename (fixture->directory, "logs", NULL);
  g_assert_cmpint (g_mkdir (build->temporary, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (logs, 0700), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  lodge_progress_free (fixture->build.progress);
  close (fixture->fd);
  g_ptr_array_unref (fixture->build.packages);
  g_free (fixture->build.temporary);
  g_free (fixture->build.helper);
  g_free (fixture->told);
  remove_directory (fixture->directory);
  g_free (fixture->directory);
}

/* The tree, which could not be removed, is there, and nothing was said. */
static void
assert_quiet (const Fixture *fixture)
{
  g_autofree char *tree = g_build_filename (fixture->build.temporary, "root", NULL);
  g_autofree char *told = NULL;

  g_assert_true (g_file_test (tree, G_FILE_TEST_IS_DIR));
  g_assert_true (g_file_get_contents (fixture->told, &told, NULL, NULL));
  g_assert_cmpstr (told, ==, "");
}

static void
test_debian (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LodgeDebianTree *tree = lodge_debian_tree_new (&fixture->build, &error);

  (void)data;
  g_assert_no_error (error);
  lodge_debian_tree_remove_files (tree);
  lodge_debian_tree_free (tree);
  assert_quiet (fixture);
}

static void
test_el (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LodgeElTree *tree = lodge_el_tree_new (&fixture->build, &error);

  (void)data;
  g_assert_no_error (error);
  lodge_el_tree_free (tree);
  assert_quiet (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/root-tree/debian", Fixture, NULL, set_up, test_debian, tear_down);
  g_test_add ("/root-tree/el", Fixture, NULL, set_up, test_el, tear_down);
  return g_test_run ();
}
