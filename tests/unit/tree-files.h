/* Files and directories that a test makes and takes away.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "common/file.h"
#include "common/run.h"

/* Makes the file NAME below DIRECTORY, and what is between them, hold TEXT. */
static inline void
put_file (const char *directory, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autoptr (GError) error = NULL;

  lodge_file_replace (path, text, -1, 0600, &error);
  g_assert_no_error (error);
}

static inline void
remove_all (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = lodge_run_list (&error, "rm", "-rf", "--", path, NULL);

  g_assert_no_error (error);
}
