/* The build's hash: one number for everything that goes into an image.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"

/* The hexadecimal SHA-256 of BUILD's packages (by their own hashes), template and the files it
 * copies, sources of lodge-firstboot and of lodge itself, `root_key`, access, answers and geometry;
 * to be called after `fetch`. The same inputs give the same hash on every machine: times, owners,
 * paths and permissions other than the executable bit do not count.  NULL with ERROR set when a
 * file cannot be read. */
char *lodge_build_hash (const LodgeBuild *build, GError **error);
