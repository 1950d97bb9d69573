/* The cache.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/cache.h"
#include "builder/family.h"
#include "common/error.h"
#include "tests/unit/fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* sha256 of "content" */
#define DIGEST "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"

typedef struct
{
  char *path;
  GCancellable *owner;
} Cache;

static void
set_up (Cache *cache, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  cache->path = make_directory ();
  cache->owner = g_cancellable_new ();
  lodge_cache_open (cache->path, cache->owner, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Cache *cache, gconstpointer data)
{
  (void)data;
  g_object_unref (cache->owner);
  remove_directory (cache->path);
  g_free (cache->path);
}

/* A file with TEXT in the cache's tmp/. */
static char *
make_file (const Cache *cache, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = lodge_cache_make_temporary (cache->path, &error);
  char *path;

  g_assert_no_error (error);
  path = g_build_filename (directory, "file", NULL);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

static void
test_package (Cache *cache, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *good = make_file (cache, "content");
  g_autofree char *bad = make_file (cache, "contenT");
  g_autofree char *path = lodge_cache_package_path (cache->path, DIGEST, "deb");

  (void)data;
  g_assert_true (g_str_has_suffix (path, "packages/sha256/ed/" DIGEST ".deb"));
  g_assert_false (lodge_cache_has_package (cache->path, DIGEST, "deb", NULL));
  g_assert_false (lodge_cache_add_package (cache->path, DIGEST, "deb", bad, NULL, &error));
  g_assert_nonnull (strstr (error->message, DIGEST));
  g_clear_error (&error);
  g_assert_false (g_file_test (bad, G_FILE_TEST_EXISTS));
  g_assert_false (lodge_cache_has_package (cache->path, DIGEST, "deb", NULL));
  lodge_cache_add_package (cache->path, DIGEST, "deb", good, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (g_file_test (good, G_FILE_TEST_EXISTS));
  g_assert_true (lodge_cache_has_package (cache->path, DIGEST, "deb", NULL));
}

static void
test_corrupt_package (Cache *cache, gconstpointer data)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autofree char *file = make_file (cache, "content");
  g_autofree char *path = lodge_cache_package_path (cache->path, DIGEST, "deb");
  struct rlimit limit;
  struct rlimit none;

  (void)data;
  g_assert_true (lodge_cache_add_package (cache->path, DIGEST, "deb", file, NULL, NULL));
  /* A check that was interrupted is none. */
  g_cancellable_cancel (cancelled);
  g_assert_false (lodge_cache_has_package (cache->path, DIGEST, "deb", cancelled));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  /* Nor is one for which there is no file descriptor left. */
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  none = limit;
  none.rlim_cur = 0;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &none), ==, 0);
  g_assert_false (lodge_cache_has_package (cache->path, DIGEST, "deb", NULL));
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_set_contents (path, "other", -1, NULL));
  g_assert_false (lodge_cache_has_package (cache->path, DIGEST, "deb", NULL));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_keep (Cache *cache, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *first = make_file (cache, "first");
  g_autofree char *second = make_file (cache, "second");
  g_autofree char *found = NULL;
  g_autofree char *text = NULL;

  (void)data;
  g_assert_null (lodge_cache_find (cache->path, "roots", "x.ext4"));
  lodge_cache_keep (cache->path, "roots", "x.ext4", first, &error);
  g_assert_no_error (error);
  /* Another build was faster: its result stays. */
  lodge_cache_keep (cache->path, "roots", "x.ext4", second, &error);
  g_assert_no_error (error);
  g_assert_false (g_file_test (second, G_FILE_TEST_EXISTS));
  found = lodge_cache_find (cache->path, "roots", "x.ext4");
  g_assert_nonnull (found);
  g_assert_true (g_file_get_contents (found, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "first");
}

typedef struct
{
  const Cache *cache;
  char *path; /* of a directory in the cache's tmp/ */
  const char *name;
  GError *error;
} Keeper;

static gpointer
run_keeper (gpointer data)
{
  Keeper *keeper = data;

  lodge_cache_keep (keeper->cache->path, "toolchains", keeper->name, keeper->path, &keeper->error);
  return NULL;
}

/* Two builds make the same at once: one's stays, and neither fails. */
static void
test_keep_twice (Cache *cache, gconstpointer data)
{
  (void)data;
  for (int i = 0; i < 50; i++)
    {
      g_autofree char *name = g_strdup_printf ("key-%d", i);
      g_autofree char *kept = g_build_filename (cache->path, "toolchains", name, "file", NULL);
      Keeper keepers[2];
      GThread *threads[2];

      for (gsize j = 0; j < G_N_ELEMENTS (keepers); j++)
        {
          g_autofree char *file = make_file (cache, "same");

          keepers[j] = (Keeper){ .cache = cache, .path = g_path_get_dirname (file), .name = name };
        }
      for (gsize j = 0; j < G_N_ELEMENTS (keepers); j++)
        threads[j] = g_thread_new ("keeper", run_keeper, &keepers[j]);
      for (gsize j = 0; j < G_N_ELEMENTS (keepers); j++)
        g_thread_join (threads[j]);
      for (gsize j = 0; j < G_N_ELEMENTS (keepers); j++)
        {
          g_assert_no_error (keepers[j].error);
          g_assert_false (g_file_test (keepers[j].path, G_FILE_TEST_EXISTS));
          g_free (keepers[j].path);
        }
      g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
    }
}

static void
set_age (const char *path, gint64 seconds)
{
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };

  times[1].tv_sec = time (NULL) - seconds;
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
}

/* What is put in has just been used, however old its files are. */
static void
test_prune_new (Cache *cache, gconstpointer data)
{
  g_autofree char *roots = g_build_filename (cache->path, "roots", NULL);
  g_autofree char *kept = g_build_filename (roots, "new.ext4", NULL);
  g_autofree char *file = make_file (cache, "new");
  g_autoptr (GError) error = NULL;

  (void)data;
  for (int i = 0; i < 5; i++)
    {
      g_autofree char *name = g_strdup_printf ("%d.ext4", i);
      g_autofree char *path = g_build_filename (roots, name, NULL);

      g_assert_true (g_file_set_contents (path, name, -1, NULL));
      set_age (path, 1000);
    }
  set_age (file, 2000);
  lodge_cache_keep (cache->path, "roots", "new.ext4", file, &error);
  g_assert_no_error (error);
  g_object_unref (cache->owner);
  cache->owner = g_cancellable_new ();
  g_assert_true (lodge_cache_open (cache->path, cache->owner, NULL, NULL));
  g_assert_cmpuint (count_entries (roots), ==, 3);
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
}

static void
test_prune (Cache *cache, gconstpointer data)
{
  g_autofree char *roots = g_build_filename (cache->path, "roots", NULL);
  g_autofree char *temporary = g_build_filename (cache->path, "tmp", NULL);
  g_autofree char *package = lodge_cache_package_path (cache->path, DIGEST, "deb");
  g_autofree char *left = make_file (cache, "left");
  g_autofree char *file = make_file (cache, "content");
  g_autofree char *oldest = g_build_filename (roots, "0.ext4", NULL);
  g_autofree char *newest = g_build_filename (roots, "4.ext4", NULL);
  GCancellable *second = g_cancellable_new ();
  int i;

  (void)data;
  g_assert_true (lodge_cache_add_package (cache->path, DIGEST, "deb", file, NULL, NULL));
  for (i = 0; i < 5; i++)
    {
      g_autofree char *name = g_strdup_printf ("%d.ext4", i);
      g_autofree char *path = g_build_filename (roots, name, NULL);

      g_assert_true (g_file_set_contents (path, name, -1, NULL));
      set_age (path, 1000 - 100 * i);
    }
  /* While another build has the cache open nothing is removed. */
  g_assert_true (lodge_cache_open (cache->path, second, NULL, NULL));
  g_assert_cmpuint (count_entries (roots), ==, 5);
  g_assert_true (g_file_test (left, G_FILE_TEST_EXISTS));
  g_object_unref (second);
  g_object_unref (cache->owner);
  cache->owner = g_cancellable_new ();
  g_assert_true (lodge_cache_open (cache->path, cache->owner, NULL, NULL));
  g_assert_cmpuint (count_entries (roots), ==, 3);
  g_assert_false (g_file_test (oldest, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (newest, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (count_entries (temporary), ==, 0);
  g_assert_true (g_file_test (package, G_FILE_TEST_EXISTS));
  /* A package that nobody used for long goes. */
  set_age (package, 100 * 24 * 60 * 60);
  g_object_unref (cache->owner);
  cache->owner = g_cancellable_new ();
  g_assert_true (lodge_cache_open (cache->path, cache->owner, NULL, NULL));
  g_assert_false (g_file_test (package, G_FILE_TEST_EXISTS));
}

/* Of package lists the four that were used last; a lock stays, and is none of them. */
static void
test_prune_lists (Cache *cache, gconstpointer data)
{
  g_autofree char *lists = g_build_filename (cache->path, "apt", NULL);
  g_autofree char *oldest = g_build_filename (lists, "0", NULL);
  g_autofree char *newest = g_build_filename (lists, "5", NULL);

  (void)data;
  for (int i = 0; i < 6; i++)
    {
      g_autofree char *name = g_strdup_printf ("%d", i);
      g_autofree char *path = g_build_filename (lists, name, NULL);
      g_autofree char *lock = g_strconcat (path, ".lock", NULL);

      g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
      g_assert_true (g_file_set_contents (lock, "", -1, NULL));
      set_age (path, 1000 - 100 * i);
    }
  g_object_unref (cache->owner);
  cache->owner = g_cancellable_new ();
  g_assert_true (lodge_cache_open (cache->path, cache->owner, NULL, NULL));
  g_assert_cmpuint (count_entries (lists), ==, 4 + 6);
  g_assert_false (g_file_test (oldest, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (newest, G_FILE_TEST_EXISTS));
}

static void
test_lock (Cache *cache, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  int first = lodge_cache_lock (cache->path, "apt/x.lock", NULL, NULL, &error);
  int second;

  (void)data;
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
  second = lodge_cache_lock (cache->path, "apt/x.lock", NULL, cancellable, &error);
  g_assert_cmpint (second, <, 0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  close (first);
  second = lodge_cache_lock (cache->path, "apt/x.lock", NULL, NULL, NULL);
  g_assert_cmpint (second, >=, 0);
  close (second);
}

static gpointer
close_later (gpointer data)
{
  const int *descriptors = data; /* what is told, what is held */
  GPollFD told = { .fd = descriptors[0], .events = G_IO_IN };

  /* Until the one who waits has said so. */
  g_poll (&told, 1, 10000);
  close (descriptors[1]);
  return NULL;
}

/* Who has to wait is told why, once. */
static void
test_lock_note (Cache *cache, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int channel[2];
  LodgeProgress *progress;
  GThread *thread;
  int descriptors[2];
  int second;
  char text[4096] = "";
  g_autofree char *wanted = g_strconcat (
      "lodge: note: waiting for another build that uses the cache ", cache->path, "\n", NULL);

  (void)data;
  g_assert_cmpint (pipe (channel), ==, 0);
  progress = lodge_progress_new_for_fd (LODGE_PROGRESS_PLAIN, channel[1]);
  second = lodge_cache_lock (cache->path, "apt/y.lock", progress, NULL, &error);
  g_assert_no_error (error);
  close (second);
  descriptors[0] = channel[0];
  descriptors[1] = lodge_cache_lock (cache->path, "apt/x.lock", progress, NULL, &error);
  g_assert_no_error (error);
  thread = g_thread_new ("close", close_later, descriptors);
  second = lodge_cache_lock (cache->path, "apt/x.lock", progress, NULL, &error);
  g_assert_no_error (error);
  g_thread_join (thread);
  close (second);
  lodge_progress_free (progress);
  close (channel[1]);
  g_assert_cmpint (read (channel[0], text, sizeof text - 1), >, 0);
  g_assert_cmpstr (text, ==, wanted);
  close (channel[0]);
}

static void
test_unusable (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) owner = g_cancellable_new ();

  g_assert_false (lodge_cache_open ("/proc/nowhere", owner, NULL, &error));
  g_assert_nonnull (strstr (error->message, "/proc/nowhere"));
}

/* Each build has its own log, and old ones go. */
static void
test_logs (Cache *cache, gconstpointer data)
{
  g_autofree char *logs = g_build_filename (cache->path, "logs", NULL);
  g_autofree char *ours = lodge_cache_log_path (cache->path, "debian-13", "root");
  g_autofree char *other = lodge_cache_log_path (cache->path, "debian-13", "compile");
  g_autofree char *theirs = NULL;
  int status = 0;
  pid_t child;
  int channel[2];
  char text[4096] = "";

  (void)data;
  g_assert_cmpstr (ours, !=, other);
  g_assert_true (g_str_has_prefix (ours, logs));
  g_assert_cmpint (pipe (channel), ==, 0);
  child = fork ();
  if (child == 0)
    {
      theirs = lodge_cache_log_path (cache->path, "debian-13", "root");
      _exit (write (channel[1], theirs, strlen (theirs)) < 0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpint (read (channel[0], text, sizeof text - 1), >, 0);
  g_assert_cmpstr (text, !=, ours);
  close (channel[0]);
  close (channel[1]);
  for (int i = 0; i < 30; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%d.log", logs, i);

      g_assert_true (g_file_set_contents (path, "x", -1, NULL));
      set_age (path, i * 100);
    }
  g_object_unref (cache->owner);
  cache->owner = g_cancellable_new ();
  g_assert_true (lodge_cache_open (cache->path, cache->owner, NULL, NULL));
  g_assert_cmpuint (count_entries (logs), ==, 20);
}

/* A cache that somebody else could fill is not trusted. */
static void
test_foreign (Cache *cache, gconstpointer data)
{
  g_autofree char *roots = g_build_filename (cache->path, "roots", NULL);
  const char *const paths[] = { cache->path, roots };

  (void)data;
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GCancellable) owner = g_cancellable_new ();

      g_assert_cmpint (g_chmod (paths[i], 0777), ==, 0);
      g_assert_false (lodge_cache_open (cache->path, owner, NULL, &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
      g_assert_nonnull (strstr (error->message, paths[i]));
      g_clear_error (&error);
      g_assert_cmpint (g_chmod (paths[i], 0700), ==, 0);
      if (geteuid () != 0)
        continue; /* only root can give a file away */
      g_assert_cmpint (chown (paths[i], 12345, (gid_t)-1), ==, 0);
      g_assert_false (lodge_cache_open (cache->path, owner, NULL, &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
      g_assert_nonnull (strstr (error->message, "12345"));
      g_assert_nonnull (strstr (error->message, "--cache"));
      g_assert_cmpint (chown (paths[i], 0, (gid_t)-1), ==, 0);
    }
}

/* Messages of dpkg-deb and its like, which are given the cache's files. */
static void
test_names (void)
{
  static const struct
  {
    LodgeFamilyKind family;
    const char *suffix;
    const char *expected;
  } cases[] = {
    { LODGE_FAMILY_DEBIAN, "deb", "dpkg-deb: error: 'bash_5.2-1_amd64.deb' is bad" },
    { LODGE_FAMILY_EL, "rpm", "dpkg-deb: error: 'bash-5.2-1.amd64.rpm' is bad" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      LodgePackage package = { .name = (char *)"bash",
                               .version = (char *)"1:5.2-1",
                               .architecture = (char *)"amd64",
                               .sha256 = (char *)DIGEST };
      g_autoptr (GPtrArray) packages = g_ptr_array_new ();
      g_autoptr (GPtrArray) none = g_ptr_array_new ();
      LodgeTemplate template = { .family = cases[i].family };
      LodgeBuildPlan plan = { .template = &template };
      LodgeBuild build = {
        .plan = &plan, .cache = (char *)"/cache", .packages = none, .build_packages = packages
      };
      g_autofree char *path = lodge_cache_package_path ("/cache", DIGEST, cases[i].suffix);
      g_autofree char *found = lodge_package_path (&build, &package);
      g_autoptr (GError) error = NULL;

      g_ptr_array_add (packages, &package);
      g_assert_cmpstr (found, ==, path);
      g_assert_true (g_str_has_suffix (path, cases[i].suffix));
      lodge_error_set (&error, LODGE_ERROR_FAILED, "dpkg-deb: error: '%s' is bad", path);
      lodge_package_name_in_error (&build, error);
      g_assert_cmpstr (error->message, ==, cases[i].expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/cache/package", Cache, NULL, set_up, test_package, tear_down);
  g_test_add ("/cache/package/corrupt", Cache, NULL, set_up, test_corrupt_package, tear_down);
  g_test_add ("/cache/keep", Cache, NULL, set_up, test_keep, tear_down);
  g_test_add ("/cache/keep/twice", Cache, NULL, set_up, test_keep_twice, tear_down);
  g_test_add ("/cache/prune", Cache, NULL, set_up, test_prune, tear_down);
  g_test_add ("/cache/prune/new", Cache, NULL, set_up, test_prune_new, tear_down);
  g_test_add ("/cache/prune/lists", Cache, NULL, set_up, test_prune_lists, tear_down);
  g_test_add ("/cache/lock", Cache, NULL, set_up, test_lock, tear_down);
  g_test_add ("/cache/lock/note", Cache, NULL, set_up, test_lock_note, tear_down);
  g_test_add ("/cache/logs", Cache, NULL, set_up, test_logs, tear_down);
  g_test_add ("/cache/foreign", Cache, NULL, set_up, test_foreign, tear_down);
  g_test_add_func ("/cache/names", test_names);
  g_test_add_func ("/cache/unusable", test_unusable);
  return g_test_run ();
}
