/* What apt answered before, kept as long as the package lists are the same: resolving takes it
 * 0.7 s of computing each time.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* DIRECTORY is the private apt's.  The answer to REQUEST (any text) that was kept since the signed
 * files in DIRECTORY/lists were what they are now, or NULL. */
char *lodge_apt_memo_find (const char *directory, const char *request);
/* Keeps ANSWER; the answers from other lists are forgotten.  When it cannot be kept it is merely
 * computed again. */
void lodge_apt_memo_keep (const char *directory, const char *request, const char *answer);
