/* What every kind of build has around it: a family, the cache, a directory in it, and inputs that
 * do not change while they are worked on. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"

/* The work itself, in BUILD's `temporary`. */
typedef gboolean (*LodgeBuildTask) (const LodgeFamily *family, LodgeBuild *build, gpointer data,
                                    GError **error);

/* Makes sure that this machine can do BUILD, opens the cache, makes the directory `temporary` in it
 * (which is `work` too when BUILD has none), copies the inputs there, runs TASK with DATA, and
 * removes the directory, whatever comes.  CANCELLABLE stops it. */
gboolean lodge_build_session (LodgeBuild *build, GCancellable *cancellable, LodgeBuildTask task,
                              gpointer data, GError **error);
