/* The keys that may sign packages and metadata of an RPM distribution.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* Finds, in FILES (those that do not exist are passed over), a key with one of FINGERPRINTS, in
 * this order; the first that is not expired, not revoked and bound with something better than SHA-1
 * is written, with nothing else in it, to ARMORED (for rpm) and BINARY (for gpgv).  DIRECTORY is a
 * private temporary directory for gpg.  The error says where was looked and what was wrong with the
 * keys that were found. */
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
