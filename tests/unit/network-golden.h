/* Golden files of the tests of network, libvirt and proof.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>
#include "common/file.h"

/* Compares TEXT with tests/fixtures/NAME, or writes that when LODGE_UPDATE_GOLDEN is set. */
static inline void
assert_golden (const char *name, const char *text)
{
  const char *top = g_getenv ("LODGE_TOP");
  g_autoptr (GError) error = NULL;
  g_autofree char *path
      = g_build_filename (top != NULL ? top : ".", "tests", "fixtures", name, NULL);
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
