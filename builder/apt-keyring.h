/* The keys that may sign a template's archive.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* Writes those of the keys in KEYRINGS (files; those that do not exist are passed over) whose full
 * fingerprint is in FINGERPRINTS, and no other, to PATH (replaced), for apt.  *MISSING (g_free)
 * names those that no keyring has, or is NULL.  Not one of them is an error that says where it
 * looked.  DIRECTORY is a private temporary directory for gpg. */
gboolean lodge_apt_keyring_make (const char *const *keyrings, const char *const *fingerprints,
                                 const char *directory, const char *path, char **missing,
                                 GCancellable *cancellable, GError **error);

/* Where the keys may be, NULL-terminated: Debian's own keyring of the build machine, and the file
 * keys.gpg in each of DIRECTORIES (NULL: none), the template's and those that it includes files
 * from.  Free with g_strfreev. */
char **lodge_apt_keyring_files (const char *const *directories);
