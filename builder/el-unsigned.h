/* Copies on this machine whose package lists nobody signed, as those of most installation DVDs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/el-source.h"
#include "builder/progress.h"

/* Refuses each of SOURCES that is on this machine and has no repomd.xml.asc, but for an ISO image
 * whose SHA-256 is in a checksum file beside it that is signed by a key of KEYRING (for gpgv): its
 * repositories become `whole`, and PROGRESS is told. */
gboolean lodge_el_check_unsigned (LodgeElSources *sources, const char *keyring,
                                  LodgeProgress *progress, GCancellable *cancellable,
                                  GError **error);
