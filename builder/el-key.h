/* The keys that may sign packages and metadata of an RPM distribution.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* Finds, in FILES (those that do not exist are passed over), the keys with FINGERPRINTS.  All
 * copies of a key are put together before it is judged: one that is revoked or expired by any of
 * them is not used, whatever an older copy says.  All that are not expired, not revoked and bound
 * with something better than SHA-1 are written, with nothing else, to ARMORED (for rpm) and BINARY
 * (for gpgv); at least one.  DIRECTORY is gpg's own, and emptied first.  The error says where was
 * looked and what was wrong with the keys that were found. */
gboolean lodge_el_key_make (const char *const *files, const char *const *fingerprints,
                            const char *directory, const char *armored, const char *binary,
                            GCancellable *cancellable, GError **error);

/* Where a machine keeps the keys of RPM distributions, then those that lie in DIRECTORIES (char*):
 * of char*. */
GPtrArray *lodge_el_key_files (const GPtrArray *directories);

/* What speaks against the key FINGERPRINT by what gpg(1) shows of it with --with-colons --show-keys
 * and with --list-packets, at the time NOW (seconds): static text, or NULL when nothing does. */
const char *lodge_el_key_fault (const char *listing, const char *packets, const char *fingerprint,
                                gint64 now);
