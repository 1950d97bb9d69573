/* What a build is made from on this machine, copied before anything looks at it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A build takes minutes, and hashes its inputs at the beginning: a file that is edited meanwhile
 * would be kept in the cache under the hash of what it was before.  Everything after this reads the
 * copy.
 */
#pragma once

#include "builder/plan.h"

typedef struct
{
  LodgeBuildPlan plan; /* the plan, but for `template`, which is the one below */
  char *source;        /* the copy of Lodge's own sources as far as images are made from them */
  /* private */
  LodgeTemplate template;    /* the plan's, but for `files_directories`, which are copies */
  LodgeBuildOptions options; /* the plan's, but for `firstboot`, which is a copy */
  GPtrArray *originals;      /* of char*; at the same place in `copies` is its copy */
  GPtrArray *copies;         /* of char* */
} LodgeBuildInputs;

/* Copies what PLAN's template lays over the root, and of Lodge's sources in SOURCE what
 * lodge-firstboot is compiled from, into the new directory TEMPORARY/inputs.  Modes become 0755 for
 * what its owner may execute and for directories, else 0644; links are copied as links.  PLAN must
 * stay as long as the result.  LODGE_ERROR_USAGE: something is no file, link or directory, or is
 * too large. */
LodgeBuildInputs *lodge_build_inputs_take (const LodgeBuildPlan *plan, const char *source,
                                           const char *temporary, GError **error);
void lodge_build_inputs_free (LodgeBuildInputs *inputs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeBuildInputs, lodge_build_inputs_free)

/* Makes *ERROR, of what was done with the copy, speak of the originals: those can be mended. */
void lodge_build_inputs_name_originals (const LodgeBuildInputs *inputs, GError **error);
