/* Finished root file systems in the cache: what depends on nothing but packages and template is
 * kept as it was made, one sparse file; a later build copies it and changes the file system's UUID
 * where that is named. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier:
 * GPL-3.0-or-later
 */
#pragma once

#include "builder/ext4.h"
#include "builder/family.h"

/* Whether the cache has any root file system, so that this build may find its own. */
gboolean lodge_root_cache_has_any (const LodgeBuild *build);
/* The cached root file system with that KEY, or NULL; free with g_free.  One that is not as large
 * as the partition is removed. */
char *lodge_root_cache_find (const LodgeBuild *build, const char *key);
/* Copies the file CACHED to EXT4's place and gives it EXT4's UUID, in /etc/fstab and
 * /etc/kernel/cmdline too. */
gboolean lodge_root_cache_use (LodgeBuild *build, const char *cached, const LodgeExt4 *ext4,
                               GError **error);
/* Gives the file system EXT4 its UUID, in /etc/fstab and /etc/kernel/cmdline too: all that differs
 * from build to build.  One that was made just now has another one before, so that it and one from
 * the cache are the same, to the last block. */
gboolean lodge_root_cache_make_own (LodgeBuild *build, const LodgeExt4 *ext4, GError **error);
/* Copies EXT4, which is not made the build's own yet, into BUILD's `temporary`, unless the user
 * wants no cache.  That fails with a note alone, as does the next one: the image does not need it.
 */
void lodge_root_cache_copy (LodgeBuild *build, const LodgeExt4 *ext4);
/* Puts that copy, if there is one, into the cache, also when the build has failed elsewhere; who
 * interrupts the build does not wait for it.  It waits for the disk, some seconds, and touches
 * nothing else: something better can be done beside it. */
void lodge_root_cache_keep (LodgeBuild *build);
