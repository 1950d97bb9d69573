/* The Debian family: see the three functions of LodgeFamily in builder/family.h.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"

gboolean lodge_debian_fetch (LodgeBuild *build, GError **error);
gboolean lodge_debian_make_root (LodgeBuild *build, const char *image, guint64 offset, guint64 size,
                                 const char *uuid, GError **error);
gboolean lodge_debian_compile (LodgeBuild *build, const char *directory, GError **error);
