/* Programs that turn an image into another file.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/converter.h"
#include "common/error.h"

#include <signal.h>
#include <sys/prctl.h>

/* Between fork and exec: the program shall not outlive us.  The thread that forks waits for it. */
static void
die_with_parent (gpointer data)
{
  (void)data;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

GSubprocess *
lodge_converter_start (const char *const *argv, GSubprocessFlags flags, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autoptr (GError) failure = NULL;
  GSubprocess *process;

  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  process = g_subprocess_launcher_spawnv (launcher, argv, &failure);
  if (process == NULL)
    lodge_error_set (error, LODGE_ERROR_FAILED, "%s cannot be run: %s", argv[0], failure->message);
  return process;
}
