/* Fixtures and golden files of the tests of lodge.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/remove.h"
#include "common/file.h"

/* The path of NAME below the source tree; free with g_free. */
static inline char *
top_file (const char *name)
{
  const char *top = g_getenv ("LODGE_TOP");

  return g_build_filename (top != NULL ? top : ".", name, NULL);
}

/* Compares TEXT with the golden file NAME below tests/fixtures, or writes that when
 * LODGE_UPDATE_GOLDEN is set. */
static inline void
assert_golden (const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *relative = g_build_filename ("tests", "fixtures", name, NULL);
  g_autofree char *path = top_file (relative);
  g_autofree char *expected = NULL;

  if (g_getenv ("LODGE_UPDATE_GOLDEN") != NULL)
    {
      lodge_file_replace (path, text, -1, 0644, &error);
      g_assert_no_error (error);
    }
  expected = lodge_file_read (path, 1024 * 1024, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

/* A directory for one test; end with remove_directory(). */
static inline char *
make_directory (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("lodge-test-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

static inline void
remove_directory (const char *path)
{
  g_autoptr (GError) error = NULL;

  lodge_remove_tree (path, &error);
  g_assert_no_error (error);
}

/* How many entries DIRECTORY has. */
static inline guint
count_entries (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) directory = g_dir_open (path, 0, &error);
  guint count = 0;

  g_assert_no_error (error);
  while (g_dir_read_name (directory) != NULL)
    count++;
  return count;
}
