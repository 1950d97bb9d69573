/* A build from plan to finished files: the list of what happens, in order.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include "builder/paths.h"
#include "builder/plan.h"
#include "builder/progress.h"

/* Does what PLAN says.  When it fails, or CANCELLABLE is triggered, nothing is left but what the
 * cache keeps, and outputs of an earlier build are as they were. */
gboolean lodge_build_run (const LodgeBuildPlan *plan, const LodgePaths *paths,
                          LodgeProgress *progress, GCancellable *cancellable, GError **error);
