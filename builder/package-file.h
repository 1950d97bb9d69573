/* Reading an .rpm or .deb without running, and without unpacking, anything else of it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

typedef struct
{
  const char *name; /* the path in the package, without a slash before it: "usr/sbin/x" */
  const char *path; /* where it is written to */
  int mode;
} LodgePackageFileWanted;

/* Copies the regular files that WANTED (ends with a NULL name) names out of the package FILE.  Only
 * those are written, whatever links and paths the package has.  One that is missing, or larger than
 * 256 MiB, is an error that names it, as is a FILE of another kind. */
gboolean lodge_package_file_copy (const char *file, const LodgePackageFileWanted *wanted,
                                  GCancellable *cancellable, GError **error);
