/* What must be true of a root tree, whatever its family.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"

/* Whether TREE has the systemd unit UNIT. */
gboolean lodge_root_has_unit (const char *tree, const char *unit);
/* Each unit that the template enables is in TREE, or comes with what is laid over it. */
gboolean lodge_root_check_units (const LodgeBuild *build, const char *tree, GError **error);

/* The initramfs PATH of the kernel VERSION has the template's drivers, or that kernel has them
 * built in, and begins with lodge-processor-init where that is wanted.  PATH is as seen inside
 * TREE's sandbox, which has BINDS (LodgeSandbox.binds; may be NULL). */
gboolean lodge_root_check_initramfs (const LodgeBuild *build, const char *tree, const char *version,
                                     GPtrArray *binds, const char *path, GError **error);
/* Whether LIST, lines that end in a module's path (lsinitrd(1), modules.builtin), has the module
 * NAME. */
gboolean lodge_root_has_module (const char *list, const char *name);

/* The versions of TREE's kernels, sorted; NULL with ERROR set when there is none, or when one could
 * not work: modules without a kernel, a kernel without modules, modules that depmod(8) has not
 * seen.  Free with g_strfreev. */
char **lodge_root_kernels (const char *tree, GError **error);

/* No account in TREE has a password, or an empty one. */
gboolean lodge_root_check_locked (const LodgeBuild *build, const char *tree, GError **error);

/* Adds LINE to the GString TEXT: for lodge_sandbox_run(). */
void lodge_root_append_line (const char *line, gpointer text);
