/* Where Lodge's own files are: beside the program in a build tree, below PREFIX when installed.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

typedef struct
{
  char *source; /* holds firstboot/, common/, templates/: the source tree or PREFIX/share/lodge */
  char *templates; /* SOURCE/templates */
  char *helper;    /* the program lodge-sandbox */
} LodgePaths;

/* Looked for in this order: the environment variable LODGE_TOP, PREFIX/share/lodge where PREFIX/bin
 * holds the running program, and the parent of the program's directory.  The error says where it
 * looked. */
LodgePaths *lodge_paths_find (GError **error);
void lodge_paths_free (LodgePaths *paths);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgePaths, lodge_paths_free)

/* DIRECTORY, or when it is NULL $XDG_CACHE_HOME/lodge, as an absolute path; free with g_free. */
char *lodge_paths_cache (const char *directory);

/* The full path of the program NAME in PATH, /usr/sbin or /sbin, or NULL; free with g_free.
 * Ordinary users have no sbin directories in PATH on Debian. */
char *lodge_paths_program (const char *name);
