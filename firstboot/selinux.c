/* SELinux labels of what setup makes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/selinux.h"
#include "common/run.h"

gboolean
lodge_selinux_relabel (const char *path, GCancellable *cancellable, GError **error)
{
  const char *argv[] = { "restorecon", path, NULL };
  g_autofree char *output = NULL;

  /* The kernel has this file when SELinux is on, enforcing or not. */
  if (!g_file_test ("/sys/fs/selinux/enforce", G_FILE_TEST_EXISTS))
    return TRUE;
  output = lodge_run (argv, NULL, cancellable, error);
  return output != NULL;
}
