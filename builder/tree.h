/* Reading and writing in a system's tree from outside.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tree is full of links that mean a path of the host to be (/etc/resolv.conf -> /run/…); followed
 * carelessly they lead to the build machine's files.  Here every path is resolved as if TREE were /
 * (openat2(2), RESOLVE_IN_ROOT).  Paths are relative to TREE, without a slash before them.  What is
 * written belongs to the caller, who is root inside the sandbox.
 */
#pragma once

#include <gio/gio.h>

/* Writes TEXT; PATH itself, if it is a link, is replaced.  Directories are made (0755). */
gboolean lodge_tree_write (const char *tree, const char *path, const char *text, int mode,
                           GError **error);
/* The same for LENGTH bytes, which may hold NUL. */
gboolean lodge_tree_write_bytes (const char *tree, const char *path, const char *text, gsize length,
                                 int mode, GError **error);
/* The file's text, or NULL with ERROR set. */
char *lodge_tree_read (const char *tree, const char *path, GError **error);
/* Whether PATH exists, links followed. */
gboolean lodge_tree_has (const char *tree, const char *path);
/* The names in the directory PATH that begin with PREFIX, sorted, NULL-terminated; empty when there
 * is no such directory. */
char **lodge_tree_list (const char *tree, const char *path, const char *prefix);
/* Copies the files and links below SOURCE, a directory outside, whose path below it begins with one
 * of PREFIXES; modes become 0755 for what its owner may execute, else 0644. */
gboolean lodge_tree_copy (const char *tree, const char *source, const char *const *prefixes,
                          GError **error);
