/* What is looked at before a build works: tools, sandbox, space.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"

/* The programs that are needed, the sandbox, the cache directory (made when missing): it can be
 * written, and is on a file system that can hold a system. */
gboolean lodge_preflight_machine (const LodgeBuild *build, GError **error);

/* Bytes that a build takes, from what is known of the packages.  Pure. */
typedef struct
{
  guint64 tree;   /* the root file system's content */
  guint64 output; /* beside the outputs */
  guint64 cache;  /* in the cache, but for the packages themselves */
} LodgeSpaceNeeds;
LodgeSpaceNeeds lodge_preflight_needs (const LodgeBuild *build);

/* Room for that beside the outputs and in the cache, or for both where they are on one file system:
 * at the least before the packages are known, and as it follows from their sizes when they are. */
gboolean lodge_preflight_space (const LodgeBuild *build, GError **error);
