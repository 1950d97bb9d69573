/* SELinux labels of a root file system that is made where SELinux may be unknown.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A label is the extended attribute security.selinux, which only a privileged user of a machine can
 * set on files, and only to what that machine's policy knows.  In an image it is a matter of
 * writing: the release's own file_contexts says which label each path gets, libselinux matches, and
 * libext2fs writes them into the unmounted file system.  No relabelling on the first boot, no
 * policy loaded on the build machine.
 */
#pragma once

#include "builder/selinux-ahead.h"

/* Labels every file of the ext4 file system in FILE at OFFSET by the policy that its own
 * /etc/selinux/config names; whatever label one had is replaced.  What file_contexts wants without
 * a label (<<none>>) gets its directory's.  WORK is a directory for temporary files.  AHEAD
 * (or NULL) has looked labels up already.  *COUNT (may be NULL) is how many files were labelled.
 * Nothing is passed over: a file that cannot be labelled is an error that names it. */
gboolean lodge_selinux_label (const char *file, guint64 offset, const char *work,
                              LodgeSelinuxAhead *ahead, guint64 *count, GCancellable *cancellable,
                              GError **error);
