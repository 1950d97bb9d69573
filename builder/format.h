/* Output formats: what the finished raw disk image can be given out as.  One file each
 * (format-NAME.c), one row in format.c's table. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include "builder/progress.h"

typedef struct
{
  const char *name;   /* "qcow2", as --format says it */
  const char *suffix; /* of file names, ".qcow2" */
  /* Writes the raw disk image RAW as PATH, which replaces what is there; both are on one file
   * system or not.  RAW stays as it is and must not be written to any more: PATH may be the same
   * file.  PROGRESS (may be NULL) gets the bytes.  Not fsynced.  On failure, also when cancelled,
   * PATH does not exist. */
  gboolean (*write) (const char *raw, const char *path, LodgeProgress *progress,
                     GCancellable *cancellable, GError **error);
} LodgeFormat;

/* The format called NAME, or NULL. */
const LodgeFormat *lodge_format_find (const char *name);
/* All names, ", " between them, the default first; free with g_free. */
char *lodge_format_names (void);
/* Refuses PATH when it is named as an image of a format that there is none of here, such as
 * "x.vmdk" (LODGE_ERROR_USAGE): a raw image of that name would be taken for one. */
gboolean lodge_format_check_name (const char *path, GError **error);

gboolean lodge_format_raw_write (const char *raw, const char *path, LodgeProgress *progress,
                                 GCancellable *cancellable, GError **error);
gboolean lodge_format_qcow2_write (const char *raw, const char *path, LodgeProgress *progress,
                                   GCancellable *cancellable, GError **error);
