/* Files and directories kept the same as others, and removed, so that a power cut leaves each file
 * old or new.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For what is small: a file is read whole.
 */
#pragma once

#include <glib.h>

/* Makes the file TARGET, 0600, hold what SOURCE holds; is not written when it does.  CHANGED (or
 * NULL) counts what was written. */
gboolean lodge_copy_file (const char *source, const char *target, guint *changed, GError **error);

/* The same with TEXT. */
gboolean lodge_copy_text (const char *text, const char *target, guint *changed, GError **error);

/* Makes the directory TARGET, 0700, hold the regular files and directories that SOURCE holds, and
 * nothing else.  Links, sockets and files whose name begins with "." (locks) are left out. */
gboolean lodge_copy_tree (const char *source, const char *target, guint *changed, GError **error);

/* Removes PATH, with all that is in it when it is a directory (never through a link).  That it is
 * not there is no error. */
gboolean lodge_remove_tree (const char *path, guint *changed, GError **error);
