/* What is looked at before a build works: tools, sandbox, space.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"

/* The programs that are needed, the sandbox, the cache directory (made when missing) can be
 * written. */
gboolean lodge_preflight_machine (const LodgeBuild *build, GError **error);

/* Room beside the outputs for what PLAN gives: at the least before the packages are known, and as
 * it follows from their sizes when they are. */
gboolean lodge_preflight_space (const LodgeBuild *build, GError **error);
