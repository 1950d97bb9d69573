/* gpg(1), kept away from the user's own files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/gpg.h"

GPtrArray *
lodge_gpg_arguments (const char *directory)
{
  static const char *const first[]
      = { "gpg", "--batch", "--quiet", "--no-options", "--no-autostart", "--homedir" };
  GPtrArray *argv = g_ptr_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (first); i++)
    g_ptr_array_add (argv, (gpointer)first[i]);
  g_ptr_array_add (argv, (gpointer)directory);
  return argv;
}
