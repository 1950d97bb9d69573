/* Signatures of package files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* Checks that each of FILES (char*) is whole and signed with the key in the file KEY.  DATABASE is
 * a private directory for rpm's keys.  The error names the first package that is not, and why. */
gboolean lodge_rpm_signature_check (const GPtrArray *files, const char *key, const char *database,
                                    GCancellable *cancellable, GError **error);
