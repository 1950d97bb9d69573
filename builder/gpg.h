/* gpg(1), kept away from the user's own files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The first arguments of a gpg that works in the home directory DIRECTORY; strings are not owned,
 * and no NULL ends them yet. */
GPtrArray *lodge_gpg_arguments (const char *directory);
