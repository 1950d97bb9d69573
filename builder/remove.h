/* Removing a directory with all that is in it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Removes PATH, file or directory with everything below it; follows no symbolic link below or at
 * PATH, also when somebody puts one there meanwhile, and enters no other file system.  A PATH that
 * does not exist is fine.  Goes on after a failure, so that as little as possible is left; ERROR
 * names the first thing that could not be removed.  What belongs to other users of the uid range of
 * an ordinary caller is removed through the sandbox. */
gboolean lodge_remove_tree (const char *path, GError **error);
