/* Whether there is space for what is to be written.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/space.h"
#include "common/error.h"

static void
test_space (void)
{
  g_autoptr (GError) error = NULL;
  guint64 here = 0;
  guint64 below = 0;

  g_assert_true (lodge_space_available ("/", &here, &error));
  g_assert_no_error (error);
  /* What does not exist would be made on the same file system. */
  g_assert_true (lodge_space_available ("/nonexistent/a/b", &below, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (MAX (here, below) - MIN (here, below), <, G_GUINT64_CONSTANT (1) << 30);
  g_assert_true (lodge_space_check ("/", 1, "a test", &error));
  g_assert_no_error (error);
  g_assert_false (lodge_space_check ("/", G_MAXUINT64, "a test", &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (error->message, "no space for a test at /: "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/space/check", test_space);
  return g_test_run ();
}
