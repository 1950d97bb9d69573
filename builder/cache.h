/* The cache: packages by their content, and what a build would otherwise make anew, by a key of
 * everything that it was made from.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   packages/sha256/XX/XX….deb    package files, XX the first two digits of their SHA-256; ….rpm
 *   roots/KEY.ext4                root file systems, sparse
 *   toolchains/KEY/               unpacked compilers and libraries to compile lodge-firstboot
 *   programs/KEY/                 lodge-firstboot compiled
 *   apt/KEY/                      package lists of one mirror and set of suites; KEY.lock beside it
 *   logs/TEMPLATE-WHAT.PID.log    the words of what ran in the sandbox, of the last builds
 *   tmp/                          what is not finished; emptied by the next build
 *
 * What has its final name is whole.  Everything belongs to the caller, who may remove any of it, or
 * all, at any time when no build runs.
 */
#pragma once

#include <gio/gio.h>
#include "builder/progress.h"

/* Makes the cache usable until OWNER is finalized, which can also end a wait; PROGRESS (may be
 * NULL) is told of one.  LODGE_ERROR_REFUSED: it is another user's, or others can write to it. When
 * no other build uses it, what killed builds left in tmp/ is removed, of roots, toolchains,
 * programs, package lists and logs all but the last used ones, and packages that no build has used
 * for 90 days. */
gboolean lodge_cache_open (const char *cache, GCancellable *owner, LodgeProgress *progress,
                           GError **error);

/* --- packages --- */

/* Where the package with that SHA-256 is or would be, a SUFFIX "deb" or "rpm"; free with g_free. */
char *lodge_cache_package_path (const char *cache, const char *sha256, const char *suffix);

/* Whether the cache has the package, whole: a file with another content is removed. */
gboolean lodge_cache_has_package (const char *cache, const char *sha256, const char *suffix,
                                  GCancellable *cancellable);

/* Moves FILE, which must be in the cache's own tmp/, to its place.  Refused when its content is not
 * what SHA256 says; FILE is removed then. */
gboolean lodge_cache_add_package (const char *cache, const char *sha256, const char *suffix,
                                  const char *file, GCancellable *cancellable, GError **error);

/* --- anything else, KIND being "roots", "toolchains" … --- */

/* CACHE/KIND/NAME when it is there, or NULL; notes that it was used.  Free with g_free. */
char *lodge_cache_find (const char *cache, const char *kind, const char *name);

/* Gives the file or directory PATH, which must be in the cache's own tmp/, its final name
 * CACHE/KIND/NAME.  One that another build put there meanwhile stays, and PATH is removed. */
gboolean lodge_cache_keep (const char *cache, const char *kind, const char *name, const char *path,
                           GError **error);

/* --- the rest --- */

/* Where this process' log of WHAT ("root", "compile") for TEMPLATE belongs: no other build's that
 * runs at the same time.  Free with g_free. */
char *lodge_cache_log_path (const char *cache, const char *template, const char *what);

/* A new directory below CACHE/tmp; free with g_free.  It is the caller's to remove, and a later
 * build's when the caller was killed. */
char *lodge_cache_make_temporary (const char *cache, GError **error);

/* Waits until nobody else holds the lock NAME of CACHE; when that takes a while PROGRESS (may be
 * NULL) is told, in one note.  Returns the descriptor that holds it until
 * it is closed, or -1 with ERROR set. */
int lodge_cache_lock (const char *cache, const char *name, LodgeProgress *progress,
                      GCancellable *cancellable, GError **error);

/* cache-prune.c: removes what lodge_cache_open() says; no other build may use CACHE.  What cannot
 * be removed stays: a cache that is too full is no reason to fail. */
void lodge_cache_prune (const char *cache);
