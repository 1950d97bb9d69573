/* lodge-firstboot as a package of its own, without an image.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"

/* Compiles lodge-firstboot for PLAN's template, in the release's own toolchain as for an image, and
 * makes the package FILE of it (firstboot-package.h).  When it fails FILE is as it was. */
gboolean lodge_build_package (const LodgeBuildPlan *plan, const LodgePaths *paths, const char *file,
                              LodgeProgress *progress, GCancellable *cancellable, GError **error);
