/* CentOS and its like: see the three functions of LodgeFamily in builder/family.h.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"

gboolean lodge_el_fetch (LodgeBuild *build, GError **error);
gboolean lodge_el_make_root (LodgeBuild *build, const char *image, guint64 offset, guint64 size,
                             const char *uuid, GError **error);
gboolean lodge_el_compile (LodgeBuild *build, const char *directory, GError **error);

/* Hexadecimal SHA-256 of everything that the root file system is made from, but for its UUID. */
char *lodge_el_root_key (const LodgeBuild *build, guint64 size, GError **error);
