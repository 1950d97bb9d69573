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

typedef struct
{
  char *cache;
  char *image;
  char *kept; /* where the root is when it was kept */
  LodgeBuildOptions options;
  LodgeBuildPlan plan;
  LodgeBuild build;
} Keeping;

static void
set_up (Keeping *keeping, gconstpointer data)
{
  LodgeBuild *build = &keeping->build;

  (void)data;
  keeping->cache = make_directory ();
  keeping->image = g_build_filename (keeping->cache, "image", NULL);
  keeping->kept = g_build_filename (keeping->cache, "roots", "key.ext4", NULL);
  keeping->plan.options = &keeping->options;
  build->plan = &keeping->plan;
  build->cache = keeping->cache;
  build->temporary = g_build_filename (keeping->cache, "tmp", NULL);
  build->root_key = g_strdup ("key");
  build->cancellable = g_cancellable_new ();
  build->interrupted = g_cancellable_new ();
  g_assert_cmpint (g_mkdir (build->temporary, 0700), ==, 0);
  g_assert_true (g_file_set_contents (keeping->image, "root", -1, NULL));
  g_assert_cmpint (truncate (keeping->image, SIZE), ==, 0);
}

static void
tear_down (Keeping *keeping, gconstpointer data)
{
  (void)data;
  g_object_unref (keeping->build.cancellable);
  g_object_unref (keeping->build.interrupted);
  g_free (keeping->build.temporary);
  g_free (keeping->build.root_key);
  g_free (keeping->image);
  g_free (keeping->kept);
  remove_directory (keeping->cache);
  g_free (keeping->cache);
}

/* What was done beside it has failed: the root is whole all the same. */
static void
test_keep_after_failure (Keeping *keeping, gconstpointer data)
{
  const LodgeExt4 ext4 = { .file = keeping->image, .size = SIZE };
  g_autofree char *text = NULL;
  gsize length;

  (void)data;
  g_cancellable_cancel (keeping->build.cancellable);
  lodge_root_cache_copy (&keeping->build, &ext4);
  lodge_root_cache_keep (&keeping->build);
  g_assert_true (g_file_get_contents (keeping->kept, &text, &length, NULL));
  g_assert_cmpuint (length, ==, SIZE);
  g_assert_cmpstr (text, ==, "root");
  g_assert_cmpuint (count_entries (keeping->build.temporary), ==, 0);
}

/* Nobody waits for the disk after Ctrl-C. */
static void
test_keep_interrupted (Keeping *keeping, gconstpointer data)
{
  const LodgeExt4 ext4 = { .file = keeping->image, .size = SIZE };

  (void)data;
  lodge_root_cache_copy (&keeping->build, &ext4);
  g_assert_cmpuint (count_entries (keeping->build.temporary), ==, 1);
  g_cancellable_cancel (keeping->build.interrupted);
  lodge_root_cache_keep (&keeping->build);
  g_assert_false (g_file_test (keeping->kept, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/root-cache/find", test_find);
  g_test_add ("/root-cache/keep-after-failure", Keeping, NULL, set_up, test_keep_after_failure,
              tear_down);
  g_test_add ("/root-cache/keep-interrupted", Keeping, NULL, set_up, test_keep_interrupted,
              tear_down);
  return g_test_run ();
}
