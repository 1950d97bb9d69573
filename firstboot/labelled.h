/* File systems found by their label, and one file of them read without mounting them anywhere.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

typedef struct
{
  char *name;         /* kernel name, "sda3" */
  char *type;         /* as libblkid names it, "vfat" */
  gboolean boot_disk; /* on the disk that / is on */
} LodgeLabelled;

void lodge_labelled_free (LodgeLabelled *labelled);

/* The file systems whose label is LABEL (in whatever case), as LodgeLabelled: the boot disk's own
 * first, then by name.  A device that cannot be opened is left out: it has no answers to give. */
GPtrArray *lodge_labelled_find (const char *label);

/* The text of the file NAME in the root directory of LABELLED, at most LIMIT bytes.  NULL without
 * ERROR when there is no such file; *OTHER (or NULL) is then whether a file NAME.txt is there
 * instead, as Windows' editor makes.  The file system is read through a mount that is attached
 * nowhere, read-only, and gone with the last descriptor, so nothing can leave it behind
 * (fsmount(2), kernel 5.2). */
char *lodge_labelled_read (const LodgeLabelled *labelled, const char *name, gsize limit,
                           gsize *length, gboolean *other, GError **error);

/* Mounts LABELLED (of which name and type are looked at) as above, attached nowhere and read-only,
 * without replaying its journal; -1 with ERROR set, else a descriptor as of O_PATH for openat(2),
 * which the caller closes. */
int lodge_labelled_open (const LodgeLabelled *labelled, GError **error);

/* Writes TEXT as the file NAME into the root directory of LABELLED, beside the old one, which is
 * replaced when the new one is on the disk.  The mount is attached nowhere, and gone with the last
 * descriptor. */
gboolean lodge_labelled_write (const LodgeLabelled *labelled, const char *name, const char *text,
                               GError **error);
