/* A private dnf: resolves and downloads a template's packages without touching the build machine's
 * own configuration and packages.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It takes proxies from the environment, and trusts the keys that the template pins, and no other.
 * dnf wants to be root: it runs in the sandbox, to which the network is left for this alone.
 */
#pragma once

#include "builder/el-source.h"
#include "builder/family.h"

typedef struct _LodgeDnf LodgeDnf;

/* Finds sources and keys, sets the private dnf up below the cache, and locks it until it is freed.
 */
LodgeDnf *lodge_dnf_open (LodgeBuild *build, GError **error);
void lodge_dnf_free (LodgeDnf *dnf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeDnf, lodge_dnf_free)

/* Gets the package lists and checks their signatures.  When no server can be reached, but its lists
 * were got and checked before, says so in a note and goes on with those. */
gboolean lodge_dnf_update (LodgeDnf *dnf, GError **error);

/* When the newest of the image's package lists was made, in SECONDS since 1970: the same for
 * everybody who has these lists.  lodge_dnf_update() first. */
gboolean lodge_dnf_date (const LodgeDnf *dnf, gint64 *seconds, GError **error);

/* What a system with NAMES consists of: of LodgePackage, sorted by name.  COMPILE: the repositories
 * for compiling are looked at as well. */
GPtrArray *lodge_dnf_resolve (LodgeDnf *dnf, const char *const *names, gboolean compile,
                              GError **error);

/* Downloads those of PACKAGES that the cache does not have, checks their digests and signatures,
 * and puts them there. */
gboolean lodge_dnf_download (LodgeDnf *dnf, const GPtrArray *packages, GError **error);

/* Writes, below DIRECTORY, what installs BUILD's packages later and without this: dnf.conf, the
 * key, and for each repository a directory with its signed metadata. */
gboolean lodge_dnf_save (LodgeDnf *dnf, const char *directory, GError **error);

/* The template's release as dnf's $releasever: "9" of "9-stream"; free with g_free. */
char *lodge_dnf_release (const LodgeTemplate *template);
/* dnf.conf(5)'s [main] for TEMPLATE. */
char *lodge_dnf_config (const LodgeTemplate *template);
