/* What cannot be tested under valgrind (tests/memory.sh).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Skips the test with REASON when it runs under valgrind; TRUE then. */
static inline gboolean
skip_under_valgrind (const char *reason)
{
  if (g_getenv ("LODGE_VALGRIND") == NULL)
    return FALSE;
  g_test_skip (reason);
  return TRUE;
}
