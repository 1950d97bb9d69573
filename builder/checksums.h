/* Checksum files: lines of sha256sum(1).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The SHA-256 that TEXT has for the file NAME, in lower case, or NULL; free with g_free. */
char *lodge_checksums_find (const char *text, const char *name);

/* Whether TEXT has nothing but checksums of files called STEM.SOMETHING, wherever they are. */
gboolean lodge_checksums_are_of (const char *text, const char *stem);

/* FRESH, and after it the lines of EARLIER (or NULL) about other files, as far as those are in
 * DIRECTORY still; free with g_free. */
char *lodge_checksums_merge (const char *fresh, const char *earlier, const char *directory);

/* Where the checksum of IMAGE may be, NAME.sha256 and IMAGE.sha256, the likelier first; free with
 * g_strfreev. */
char **lodge_checksums_files (const char *image);
