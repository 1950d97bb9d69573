/* Compiling lodge-firstboot for a release: with the release's own compiler, against its own
 * libraries. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"

/* Unpacks the package file PATH into DIRECTORY without running anything of it.  Called from several
 * threads at once. */
typedef gboolean (*LodgeUnpackFunction) (LodgeBuild *build, const char *path, const char *directory,
                                         GError **error);

/* Compiles lodge-firstboot and lodge-proof-init and puts them in DIRECTORY.  The toolchain is
 * BUILD's `build_packages`, of which those named in FIRST (NULL-terminated) are unpacked before the
 * others: they hold the links that make /bin and /lib part of /usr.  Both the toolchain and the
 * programs are kept in the cache, by what they were made from, unless the plan wants no cache. */
gboolean lodge_compile (LodgeBuild *build, const char *const *first, LodgeUnpackFunction unpack,
                        const char *directory, GError **error);

/* Hexadecimal SHA-256 of everything that the programs are made from. */
char *lodge_compile_key (const LodgeBuild *build, GError **error);

/* Hexadecimal SHA-256 of the sources alone that the programs are compiled from. */
char *lodge_compile_hash_sources (const LodgeBuild *build, GError **error);

/* Whether lodge_compile() will read BUILD's `build_packages`: neither the programs nor the
 * toolchain are in the cache. */
gboolean lodge_compile_needs_packages (const LodgeBuild *build, gboolean *needs, GError **error);
