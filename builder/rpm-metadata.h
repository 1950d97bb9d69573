/* The metadata of RPM repositories, checked from the signature down to each package's digest.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dnf checks all of this too.  It is done again here because packages go into a cache by the
 * digests that the metadata names, and because a build must not depend on how the dnf of the build
 * machine was compiled and configured.
 */
#pragma once

#include <gio/gio.h>

/* Checks that repomd.xml in DIRECTORY has a good signature (repomd.xml.asc beside it) by a key in
 * the keyring file KEYRING, and by no means a SHA-1 one. */
gboolean lodge_rpm_metadata_verify (const char *directory, const char *keyring,
                                    GCancellable *cancellable, GError **error);

/* Reads the package list that repomd.xml in DIRECTORY names, after its SHA-256 was compared, and
 * adds its packages to TABLE under lodge_rpm_metadata_key(), as LodgePackage of the repository ID.
 * Packages that are there already stay.  REPOMD's own text comes from DIRECTORY. */
gboolean lodge_rpm_metadata_read (const char *directory, const char *id, GHashTable *table,
                                  GError **error);

/* When the lists that repomd.xml in DIRECTORY names were made, in SECONDS since 1970: the newest of
 * their timestamps. */
gboolean lodge_rpm_metadata_date (const char *directory, gint64 *seconds, GError **error);

/* A table for the above. */
GHashTable *lodge_rpm_metadata_table (void);

/* "ID/NAME-EVR.ARCH"; EVR is "VERSION-RELEASE", with "EPOCH:" before it when that is not 0.  Free
 * with g_free. */
char *lodge_rpm_metadata_key (const char *id, const char *name, const char *evr, const char *arch);

/* Files that repomd.xml (its text in REPOMD) names, by their base names, of char*. */
GPtrArray *lodge_rpm_metadata_files (const char *path, const char *repomd, GError **error);
