/* Package lists that are there already: whether they may be used without asking the mirror.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * apt checks signature and age when it gets lists, and never again.  Since then a key may have been
 * taken out of the template or revoked, and who keeps the mirror from answering must not keep a
 * host on lists that have run out.
 */
#pragma once

#include <gio/gio.h>

/* Looks at every signed file (InRelease; Release with Release.gpg) in LISTS, a directory of apt's:
 * each must be signed by a key in KEYRING that has not expired, and say that it is valid at NOW
 * (seconds since 1970; -1: its age does not matter).  There must be at least COUNT of them.
 * SCRATCH is a private directory for gpgv.  The error names the file and what is wrong with it. */
gboolean lodge_apt_lists_check (const char *lists, guint count, const char *keyring, gint64 now,
                                const char *scratch, GCancellable *cancellable, GError **error);

/* The field Valid-Until of RELEASE, the text of a Release file, in seconds since 1970; *UNTIL is
 * G_MAXINT64 when it has none (Debian's stable suites have none).  FALSE when it cannot be
 * understood. */
gboolean lodge_apt_lists_valid_until (const char *release, gint64 *until);
