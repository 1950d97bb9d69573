/* Hashing what something is made from: each value with its name and length, so that no two
 * different sets of inputs give the same bytes. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

enum
{
  LODGE_HASH_FILE_LIMIT = 256 * 1024 * 1024, /* bytes; an input that is larger is a mistake */
};

void lodge_hash_add_bytes (GChecksum *checksum, const char *name, const void *data, gsize length);
/* TEXT may be NULL: nothing is added then. */
void lodge_hash_add_text (GChecksum *checksum, const char *name, const char *text);

/* The file, link or directory PATH with all below it: names below PATH, contents, link targets and
 * the executable bit.  Times, owners and other permissions do not count, so that the same inputs
 * give the same hash on every machine.  PATH itself may be a link to what is meant. */
gboolean lodge_hash_add_tree (GChecksum *checksum, const char *path, GError **error);

/* The same for those files and links below the directory PATH whose name below it begins with one
 * of PREFIXES (NULL-terminated). */
gboolean lodge_hash_add_part (GChecksum *checksum, const char *path, const char *const *prefixes,
                              GError **error);
