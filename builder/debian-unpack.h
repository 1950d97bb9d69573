/* Unpacking Debian's packages without installing them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"

/* Unpacks the package files PATHS (char *), all from BUILD's cache, into DIRECTORY, a full path, as
 * many at once as there are processors.  A link that one has and another's files go through leads
 * to nothing of the machine: there the programs are to be seen, read-only, and the cache's
 * packages, and DIRECTORY alone can be written to. */
gboolean lodge_debian_unpack (LodgeBuild *build, const GPtrArray *paths, const char *directory,
                              GError **error);
