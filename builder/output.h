/* The files that a build gives: claimed before the work, written aside, put in place together at
 * its end; or nothing at all. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier:
 * GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include "builder/plan.h"

/* What is called after plan->base and stands beside the images. */
#define LODGE_OUTPUT_MANIFEST ".manifest.json"
#define LODGE_OUTPUT_CHECKSUMS ".sha256"
#define LODGE_OUTPUT_MAP ".map"

typedef struct _LodgeOutputs LodgeOutputs;

/* Refuses what lodge_outputs_claim() would refuse of a file PATH, as far as that can be known
 * without writing: a device or a file that is no disk image (LODGE_ERROR_REFUSED), something else
 * that is no file, a directory that does not exist or cannot be written to. */
gboolean lodge_outputs_check_path (const char *path, GError **error);
/* The same for every file that a build of PLAN puts in place. */
gboolean lodge_outputs_check (const LodgeBuildPlan *plan, GError **error);

/* Claims what PLAN, which outlives the claim, will write, images, manifest, checksums and map:
 * refuses paths that cannot be written or replaced (LODGE_ERROR_FAILED), that are a device, that
 * hold what builds do not make (earlier-output.h), that another build is writing or beside which
 * another user has a file called as our lock or work directory (all LODGE_ERROR_REFUSED).  Makes
 * the private work directory beside them.  Of what a killed build left, an old file that lost its
 * name gets it back, and the rest is removed.  What has to be cleaned is registered with
 * CANCELLABLE (interrupt.h). */
LodgeOutputs *lodge_outputs_claim (const LodgeBuildPlan *plan, GCancellable *cancellable,
                                   GError **error);

/* Removes whatever was not put in place, the work directory, and the claim.  The error names what
 * is left. */
gboolean lodge_outputs_release (LodgeOutputs *outputs, GError **error);

/* Frees OUTPUTS, and releases it when that was not done.  NULL is accepted. */
void lodge_outputs_free (LodgeOutputs *outputs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeOutputs, lodge_outputs_free)

/* The work directory: on the outputs' own file system, so that a rename moves out of it. */
const char *lodge_outputs_work (const LodgeOutputs *outputs);

/* Where PATH, one of the claimed files, is to be written: in the work directory, where nobody else
 * can open it while it has not got its mode yet.  In lodge_outputs_place() the files come in the
 * order of these calls.  Owned by OUTPUTS. */
const char *lodge_outputs_part (LodgeOutputs *outputs, const char *path);

/* fsyncs every part, makes each the file that it is to be and fsyncs their directory.  When one of
 * them cannot be put in place, none is: what was there before is there again, or ERROR names what
 * is not.  A second signal waits for the end of it. */
gboolean lodge_outputs_place (LodgeOutputs *outputs, GError **error);
