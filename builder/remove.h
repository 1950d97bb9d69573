/* Removing a directory with all that is in it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Removes PATH, file or directory with everything below it; follows no symbolic link at PATH or
 * below it, also when somebody puts one there meanwhile, and enters no other file system.  The
 * directories above PATH are the caller's affair, links and all.  A PATH that does not exist is
 * fine.  Who still writes below PATH is given a second or so to end.  Goes on after a failure, so
 * that as little as possible is left, unless a directory was moved away under it; ERROR names the
 * first thing that could not be removed.  When that fails for an ordinary user, all is tried again
 * in the sandbox, where that user is root over what others of the own uid range own. */
gboolean lodge_remove_tree (const char *path, GError **error);
