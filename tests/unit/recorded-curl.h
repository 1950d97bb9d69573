/* What curl(1) is told by those who can see a process's arguments.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "common/file.h"

/* From now on the arguments of the real curl go into DIRECTORY/arguments before it runs. */
static inline void
record_arguments (const char *directory)
{
  g_autofree char *curl = g_find_program_in_path ("curl");
  g_autofree char *wrapper = g_build_filename (directory, "curl", NULL);
  g_autofree char *path = g_strconcat (directory, ":", g_getenv ("PATH"), NULL);
  g_autofree char *script = g_strdup_printf (
      "#!/bin/sh\nprintf '%%s\\n' \"$@\" >'%s/arguments'\nexec '%s' \"$@\"\n", directory, curl);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (curl);
  lodge_file_replace (wrapper, script, -1, 0755, &error);
  g_assert_no_error (error);
  g_setenv ("PATH", path, TRUE);
}
