/* The kernels' modules in a root tree, and what modprobe(8) knows of them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Below a tree, a directory for each kernel. */
#define LODGE_ROOT_MODULES "usr/lib/modules"

/* The path, below its directory, of a module of the kernel VERSION in TREE that modules.dep does
 * not name: depmod(8) ran before it was there, or not at all.  NULL: none.  Free with g_free. */
char *lodge_root_unknown_module (const char *tree, const char *version);

/* modprobe(8) finds every module of the kernel VERSION, and there are some. */
gboolean lodge_root_check_modules (const char *tree, const char *version, GError **error);
