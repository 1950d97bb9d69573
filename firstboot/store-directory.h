/* Directories that came with a disk: nothing that lies in them leads out of them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adopted VM storage was written by somebody else, and may be damaged.  So each part of a path is
 * opened by itself below the directory that is held open (openat(2) with O_NOFOLLOW, on the same
 * file system); only regular files of bounded size are opened; and only ENOENT means that something
 * is not there: what cannot be looked at is an error.  Errors of the kind LODGE_ERROR_REFUSED say
 * that something is there and is not what it has to be (a link, a pipe, too long); those of the
 * kind LODGE_ERROR_FAILED, that nobody knows.
 */
#pragma once

#include <glib.h>
#include <sys/stat.h>

typedef struct
{
  int fd;
  dev_t device;
  char *shown; /* its path, for messages */
} LodgeDirectory;

/* Opens the directory PATH of the host, whose links are followed; below /proc/self/fd it is shown
 * as what it is.  *DIRECTORY is NULL when it is not there. */
gboolean lodge_directory_open (const char *path, LodgeDirectory **directory, GError **error);

/* The same for NAME in PARENT, or NAMES with "/" between.  With MODE (else 0) it is made when it is
 * not there, and gets that mode and this process's owner. */
gboolean lodge_directory_open_below (const LodgeDirectory *parent, const char *names, mode_t mode,
                                     LodgeDirectory **directory, GError **error);

/* The directory that DIRECTORY is in. */
LodgeDirectory *lodge_directory_open_parent (const LodgeDirectory *directory, GError **error);

/* Gives DIRECTORY that MODE and this process's owner. */
gboolean lodge_directory_own (const LodgeDirectory *directory, mode_t mode, GError **error);

/* What is in it, sorted, without names that begin with "."; free with g_strfreev.  When it cannot
 * be read to its end, or holds more than anybody has, NULL with ERROR set. */
GStrv lodge_directory_list (const LodgeDirectory *directory, GError **error);

/* The type of NAME, as S_IFREG; 0 when it is not there.  Links are not followed. */
gboolean lodge_directory_look (const LodgeDirectory *directory, const char *name, mode_t *type,
                               GError **error);

/* The content of the regular file NAME of up to LIMIT bytes, with a NUL behind that LENGTH (or
 * NULL) does not count; free with g_free.  *DATA is NULL when it is not there. */
gboolean lodge_directory_read (const LodgeDirectory *directory, const char *name, gsize limit,
                               char **data, gsize *length, GError **error);

/* The same for the file PATH of the host, whose links are followed. */
gboolean lodge_directory_read_host (const char *path, gsize limit, char **data, gsize *length,
                                    GError **error);

/* Makes the file NAME, 0600, hold LENGTH bytes of DATA, or all up to the NUL (-1): written aside,
 * fsynced, renamed; a link is replaced.  It is not written when it is so already.  CHANGED (or
 * NULL) counts what was written. */
gboolean lodge_directory_write (const LodgeDirectory *directory, const char *name, const char *data,
                                gssize length, guint *changed, GError **error);

/* Removes the file NAME, a mark; that it is not there is no error.  Never for what was saved. */
gboolean lodge_directory_remove_mark (const LodgeDirectory *directory, const char *name,
                                      guint *changed, GError **error);

/* Moves NAME to TARGET, where it gets a number behind its name when that is there already. */
gboolean lodge_directory_move (const LodgeDirectory *directory, const char *name,
                               const LodgeDirectory *target, GError **error);

void lodge_directory_free (LodgeDirectory *directory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeDirectory, lodge_directory_free)
