/* SELinux labels of what setup makes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/selinux.h"
#include "common/run.h"

/* The kernel has this file when SELinux is on, enforcing or not. */
static gboolean
is_on (void)
{
  return g_file_test ("/sys/fs/selinux/enforce", G_FILE_TEST_EXISTS);
}

gboolean
lodge_selinux_relabel (const char *path, GCancellable *cancellable, GError **error)
{
  const char *argv[] = { "restorecon", path, NULL };
  g_autofree char *output = is_on () ? lodge_run (argv, NULL, cancellable, error) : g_strdup ("");

  return output != NULL;
}

gboolean
lodge_selinux_relabel_tree (const char *path, const char *except, GCancellable *cancellable,
                            GError **error)
{
  /* restorecon(8): -x, this file system only; -e, not that directory. */
  const char *argv[] = { "restorecon", "-R", "-x", "-e", except, path, NULL };
  g_autofree char *output = is_on () ? lodge_run (argv, NULL, cancellable, error) : g_strdup ("");

  return output != NULL;
}

gboolean
lodge_selinux_copy_label (const char *reference, const char *path, GCancellable *cancellable,
                          GError **error)
{
  g_autofree char *option = g_strconcat ("--reference=", reference, NULL);
  const char *argv[] = { "chcon", option, path, NULL };
  g_autofree char *output = is_on () ? lodge_run (argv, NULL, cancellable, error) : g_strdup ("");

  return output != NULL;
}
