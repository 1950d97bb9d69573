/* Compiling lodge-firstboot for a release: with the release's own compiler, against its own
 * libraries. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"

/* Unpacks the package file PATH into DIRECTORY without running anything of it. */
typedef gboolean (*LodgeUnpackFunction) (LodgeBuild *build, const char *path, const char *directory,
                                         GError **error);

/* Compiles lodge-firstboot and lodge-proof-init and puts them in DIRECTORY.  The toolchain is
 * BUILD's `build_packages`, of which those named in FIRST (NULL-terminated) are unpacked before the
 * others: they hold the links that make /bin and /lib part of /usr.  Both the toolchain and the
 * programs are kept in the cache, by what they were made from. */
gboolean lodge_compile (LodgeBuild *build, const char *const *first, LodgeUnpackFunction unpack,
                        const char *directory, GError **error);
