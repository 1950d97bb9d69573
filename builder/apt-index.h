/* Debian's package lists (the files "Packages" of an archive), read for what apt-get does not
 * print. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The names of all packages of the priority "required" in FILES, each once, of char*: what programs
 * may take for granted on a Debian system beside the essential packages (Debian Policy 2.5). */
GPtrArray *lodge_apt_index_required (const char *const *files, GError **error);

/* Fills in the installed size of PACKAGES (of LodgePackage) as FILES give it. */
gboolean lodge_apt_index_add_sizes (const char *const *files, GPtrArray *packages, GError **error);
