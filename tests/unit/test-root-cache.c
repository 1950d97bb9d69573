/* Finished root file systems in the cache.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/root-cache.h"
#include "tests/unit/fixture.h"

#include <glib/gstdio.h>
#include <unistd.h>

enum
{
  SIZE = 8192, /* bytes, of the root file system */
};

static void
test_find (void)
{
  g_autofree char *cache = make_directory ();
  g_autofree char *roots = g_build_filename (cache, "roots", NULL);
  g_autofree char *path = g_build_filename (roots, "key.ext4", NULL);
  LodgeBuildOptions options = { 0 };
  LodgeBuildPlan plan = { .options = &options };
  const LodgeBuild build = { .plan = &plan, .cache = cache };
  g_autofree char *found = NULL;

  plan.partitions[LODGE_PARTITION_ROOT].size = SIZE;
  g_assert_cmpint (g_mkdir (roots, 0700), ==, 0);
  g_assert_null (lodge_root_cache_find (&build, "key"));
  g_assert_true (g_file_set_contents (path, "root", -1, NULL));
  g_assert_cmpint (truncate (path, SIZE), ==, 0);
  found = lodge_root_cache_find (&build, "key");
  g_assert_cmpstr (found, ==, path);
  /* One whose end is missing is none, and makes room for a whole one. */
  g_assert_cmpint (truncate (path, SIZE - 1), ==, 0);
  g_assert_null (lodge_root_cache_find (&build, "key"));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  remove_directory (cache);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/root-cache/find", test_find);
  return g_test_run ();
}
