/* The file_contexts of the policy that an image has: which label each path gets.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/ext2-handle.h"

typedef struct _LodgeSelinuxContexts LodgeSelinuxContexts;

/* Those that FILESYSTEM's /etc/selinux/config names.  WORK is a directory for temporary files,
 * which are gone when this returns. */
LodgeSelinuxContexts *lodge_selinux_contexts_open (ext2_filsys filesystem, const char *work,
                                                   GError **error);
void lodge_selinux_contexts_free (LodgeSelinuxContexts *contexts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeSelinuxContexts, lodge_selinux_contexts_free)

/* Whether both have the same words. */
gboolean lodge_selinux_contexts_equal (const LodgeSelinuxContexts *one,
                                       const LodgeSelinuxContexts *other);

/* *LABEL of a file of MODE at PATH, NULL when it is to have none of its own; free with g_free.
 * libselinux matches a path with each line that may fit it: 0.2 ms. */
gboolean lodge_selinux_contexts_look_up (const LodgeSelinuxContexts *contexts, const char *path,
                                         guint16 mode, char **label, GError **error);
