/* Files replaced, read and hashed, on a real file system.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *directory;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  fixture->directory = g_dir_make_tmp ("lodge-test-file-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
}

/* The number of entries in PATH. */
static guint
count_entries (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  guint count = 0;

  g_assert_nonnull (directory);
  while (g_dir_read_name (directory) != NULL)
    count++;
  return count;
}

static void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GDir) directory = g_dir_open (fixture->directory, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
}

static void
assert_content (const char *path, const char *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  gsize length;
  g_autofree char *content = lodge_file_read (path, size, &length, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (content, length, data, size);
  g_assert_cmpint (content[length], ==, '\0');
}

static void
test_replace (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->directory, "file", NULL);
  g_autofree char *link = g_build_filename (fixture->directory, "link", NULL);
  struct stat status;
  mode_t mask = umask (077);

  /* Exactly the mode that was asked for, whatever the umask. */
  g_assert_true (lodge_file_replace (path, "first", -1, 0664, &error));
  umask (mask);
  g_assert_no_error (error);
  assert_content (path, "first", 5);
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0664);

  g_assert_true (lodge_file_replace (path, "a\0b", 3, 0600, &error));
  g_assert_no_error (error);
  assert_content (path, "a\0b", 3);
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
  g_assert_cmpuint (count_entries (fixture->directory), ==, 1);

  /* A symbolic link is replaced; what it pointed to is left alone. */
  g_assert_cmpint (symlink (path, link), ==, 0);
  g_assert_true (lodge_file_replace (link, "", -1, 0600, &error));
  g_assert_no_error (error);
  assert_content (link, "", 0);
  assert_content (path, "a\0b", 3);
  g_assert_false (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
}

static void
test_replace_parents (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *outer = g_build_filename (fixture->directory, "a", NULL);
  g_autofree char *inner = g_build_filename (outer, "b", NULL);
  g_autofree char *path = g_build_filename (inner, "file", NULL);
  g_autofree char *below_file = g_build_filename (path, "c", "file", NULL);

  g_assert_true (lodge_file_replace (path, "x", -1, 0600, &error));
  g_assert_no_error (error);
  assert_content (path, "x", 1);

  g_assert_false (lodge_file_replace (below_file, "x", -1, 0600, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, path));

  g_assert_cmpint (unlink (path), ==, 0);
  g_assert_cmpint (rmdir (inner), ==, 0);
}

/* A write that fails half-way leaves the old file and nothing else. */
static void
test_replace_failed_write (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->directory, "file", NULL);
  g_autofree char *large = g_strnfill (1024 * 1024, 'x');
  struct rlimit before;
  struct rlimit limit;

  g_assert_true (lodge_file_replace (path, "old", -1, 0600, &error));
  g_assert_no_error (error);

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = (struct rlimit){ .rlim_cur = 64 * 1024, .rlim_max = before.rlim_max };
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_false (lodge_file_replace (path, large, -1, 0600, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);

  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, g_strerror (EFBIG)));
  assert_content (path, "old", 3);
  g_assert_cmpuint (count_entries (fixture->directory), ==, 1);
}

/* So does a rename that fails. */
static void
test_replace_failed_rename (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->directory, "directory", NULL);

  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  g_assert_false (lodge_file_replace (path, "x", -1, 0600, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_DIR));
  g_assert_cmpuint (count_entries (fixture->directory), ==, 1);
}

static void
test_read (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->directory, "file", NULL);
  g_autofree char *large = g_strnfill (100000, 'x');
  g_autofree char *status = NULL;

  g_assert_true (lodge_file_replace (path, large, -1, 0600, &error));
  g_assert_no_error (error);
  assert_content (path, large, 100000);

  g_assert_null (lodge_file_read (path, 99999, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "99999 bytes"));
  g_clear_error (&error);

  /* Endless, so it must stop by itself. */
  g_assert_null (lodge_file_read ("/dev/zero", 100000, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_clear_error (&error);

  /* No size in stat(2). */
  status = lodge_file_read ("/proc/self/status", 100000, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (status, "Name:"));

  g_assert_null (lodge_file_read (fixture->directory, 10, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, g_strerror (EISDIR)));
  g_clear_error (&error);
  g_assert_null (lodge_file_read ("/no/such/file", 10, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, g_strerror (ENOENT)));
}

static void
test_sha256 (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->directory, "file", NULL);
  g_autofree char *million = g_strnfill (1000000, 'a');
  g_autofree char *sum = NULL;

  /* FIPS 180-2, appendix B.3. */
  g_assert_true (lodge_file_replace (path, million, -1, 0600, &error));
  g_assert_no_error (error);
  sum = lodge_file_sha256 (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (sum, ==, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");

  g_assert_null (lodge_file_sha256 ("/no/such/file", &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_null (lodge_file_sha256 (fixture->directory, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
}

static void
test_exit_status (void)
{
  g_autoptr (GError) usage = NULL;
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) failed = NULL;
  g_autoptr (GError) foreign
      = g_error_new (G_FILE_ERROR, LODGE_ERROR_REFUSED, "code of another domain");

  g_assert_false (lodge_error_set (&usage, LODGE_ERROR_USAGE, "%s", "u"));
  g_assert_false (lodge_error_set (&refused, LODGE_ERROR_REFUSED, "%s", "r"));
  g_assert_false (lodge_error_set_errno (&failed, ENOENT, "open %s", "f"));
  g_assert_false (lodge_error_set (NULL, LODGE_ERROR_FAILED, "nobody wants it"));
  g_assert_cmpint (lodge_error_exit_status (NULL), ==, 0);
  g_assert_cmpint (lodge_error_exit_status (failed), ==, 1);
  g_assert_cmpint (lodge_error_exit_status (usage), ==, 2);
  g_assert_cmpint (lodge_error_exit_status (refused), ==, 3);
  g_assert_cmpint (lodge_error_exit_status (foreign), ==, 1);
  g_assert_true (g_str_has_prefix (failed->message, "open f: "));
}

static void
test_quote (void)
{
  g_autofree char *plain = lodge_error_quote ("ä b");
  g_autofree char *empty = lodge_error_quote ("");
  g_autofree char *wild = lodge_error_quote ("a\tb\033[2J\xff");
  g_autofree char *sixty = g_strnfill (60, 'x');
  g_autofree char *long_text = g_strconcat (sixty, "y", NULL);
  g_autofree char *whole = lodge_error_quote (sixty);
  g_autofree char *cut = lodge_error_quote (long_text);
  g_autofree char *expected = g_strconcat ("\"", sixty, "…\"", NULL);

  g_assert_cmpstr (plain, ==, "\"ä b\"");
  g_assert_cmpstr (empty, ==, "\"\"");
  g_assert_cmpstr (wild, ==, "\"a b [2J\uFFFD\"");
  g_assert_cmpuint (strlen (whole), ==, 62);
  g_assert_cmpstr (cut, ==, expected);
}

/* Not every file system has something to write for a directory; proc says EINVAL to fsync(2). */
static void
test_sync_directory (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->directory, "file", NULL);
  g_autofree char *gone = g_build_filename (fixture->directory, "none", "file", NULL);

  lodge_file_sync_directory (path, &error);
  g_assert_no_error (error);
  lodge_file_sync_directory ("/proc/version", &error);
  g_assert_no_error (error);
  g_assert_false (lodge_file_sync_directory (gone, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/file/replace", test_replace);
  ADD ("/file/replace/parents", test_replace_parents);
  ADD ("/file/replace/failed-write", test_replace_failed_write);
  ADD ("/file/replace/failed-rename", test_replace_failed_rename);
  ADD ("/file/sync-directory", test_sync_directory);
  ADD ("/file/read", test_read);
  ADD ("/file/sha256", test_sha256);
  g_test_add_func ("/error/exit-status", test_exit_status);
  g_test_add_func ("/error/quote", test_quote);
  return g_test_run ();
}
