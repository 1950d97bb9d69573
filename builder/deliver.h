/* The last part of a build: from the finished raw image to formats, hashes and manifest in their
 * places.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"
#include "builder/output.h"

/* Whether the images hold something that only their owner should read: a password's hash, answers.
 */
gboolean lodge_deliver_is_secret (const LodgeBuildPlan *plan);

/* Gives out the raw image RAW in every format of the plan, with NAME.manifest.json and NAME.sha256,
 * all of it in place or nothing.  Programs are told the result (lodge_progress_event(), "result").
 */
gboolean lodge_deliver (const LodgeBuild *build, LodgeOutputs *outputs, const char *raw,
                        GError **error);
