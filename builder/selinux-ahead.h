/* The labels of an image's files, looked up while others work on the image.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Most of what labelling takes is libselinux's look-ups, for which the paths are enough: the
 * appliance needs little more than one processor meanwhile.
 */
#pragma once

#include <gio/gio.h>

#include "builder/selinux-contexts.h"

typedef struct _LodgeSelinuxAhead LodgeSelinuxAhead;

/* Notes the files of the ext4 file system in FILE at OFFSET, which nobody writes meanwhile, and
 * begins to look their labels up in a thread of its own.  WORK is a directory for temporary files.
 */
LodgeSelinuxAhead *lodge_selinux_ahead_start (const char *file, guint64 offset, const char *work,
                                              GCancellable *cancellable, GError **error);

/* Ends it, finished or not. */
void lodge_selinux_ahead_free (LodgeSelinuxAhead *ahead);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeSelinuxAhead, lodge_selinux_ahead_free)

/* Waits until all are looked up.  By the words of CONTEXTS, or else they are of no use: FALSE. */
gboolean lodge_selinux_ahead_wait (LodgeSelinuxAhead *ahead, const LodgeSelinuxContexts *contexts);

/* After that: whether PATH was looked up as a file of MODE's type.  *LABEL as of
 * lodge_selinux_contexts_look_up(). */
gboolean lodge_selinux_ahead_find (const LodgeSelinuxAhead *ahead, const char *path, guint16 mode,
                                   char **label);
