/* A ready-built package of lodge-firstboot: what `lodge package` makes on a machine that has all
 * packages for compiling, and `lodge build --firstboot` takes on one that has not.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Nobody signs it: who names the file says that he trusts it, as with a template.  That it was made
 * for the release, and from the same sources as the rest of the image, is in the package and is
 * checked.
 */
#pragma once

#include "builder/family.h"

/* What the package is made for: "el9", "trixie"; free with g_free. */
char *lodge_firstboot_package_target (const LodgeTemplate *template);
/* Its file's name; free with g_free. */
char *lodge_firstboot_package_name (const LodgeTemplate *template);

/* Makes the package FILE of the programs in the directory PROGRAMS and BUILD's sources. */
gboolean lodge_firstboot_package_write (const LodgeBuild *build, const char *programs,
                                        const char *file, GError **error);

/* Puts the programs of the package FILE into the directory PROGRAMS.  LODGE_ERROR_USAGE: it is for
 * another release, of another version of Lodge or of other sources than BUILD's, or no such package
 * at all. */
gboolean lodge_firstboot_package_read (const LodgeBuild *build, const char *file,
                                       const char *programs, GError **error);
