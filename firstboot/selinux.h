/* SELinux labels of what setup makes; nothing is done on a system without SELinux.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* Gives the file or directory PATH itself the label that the policy has for it. */
gboolean lodge_selinux_relabel (const char *path, GCancellable *cancellable, GError **error);

/* The same of all that is in the directory PATH and on its file system, but for what is below
 * EXCEPT: files from a host without SELinux have no label, and its daemons may not touch such. */
gboolean lodge_selinux_relabel_tree (const char *path, const char *except,
                                     GCancellable *cancellable, GError **error);

/* Gives PATH the label that REFERENCE has: for what is not where the policy expects it. */
gboolean lodge_selinux_copy_label (const char *reference, const char *path,
                                   GCancellable *cancellable, GError **error);
