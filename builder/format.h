/* Output formats: what the finished raw disk image can be given out as.  One file each
 * (format-NAME.c), one row in format.c's table. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include "builder/progress.h"
#include "builder/template.h"

/* Virtual hardware version of what is made for VMware: ESXi 7.0 U2 or newer (vSphere 7.0's manual,
 * "Hardware Features Available with Virtual Machine Compatibility Settings"). */
#define LODGE_VMWARE_HARDWARE "19"

/* What a format is made of. */
typedef struct
{
  const char *raw;        /* path of the finished raw disk image; it must not be written to any
                           * more */
  const char *build_hash; /* of everything that went into it, SHA-256 in hexadecimal */
  const LodgeTemplate *template;
  gint64 epoch; /* seconds since 1970: the date of whatever has one */
} LodgeFormatSource;

typedef struct
{
  const char *name;   /* "qcow2", as --format says it */
  const char *suffix; /* of file names, ".qcow2" */
  guint copies;       /* how much it takes while it is written, in copies of what the image holds */
  const char *program; /* that it needs beyond what every build does, or NULL */
  /* Writes SOURCE's image as PATH, which replaces what is there; both are on one file system or
   * not.  PATH may be the same file as the raw image.  PROGRESS (may be NULL) gets the bytes.  The
   * same source gives the same bytes, whatever PATH is.  Not fsynced.  On failure, also when
   * cancelled, PATH does not exist. */
  gboolean (*write) (const LodgeFormatSource *source, const char *path, LodgeProgress *progress,
                     GCancellable *cancellable, GError **error);
} LodgeFormat;

/* The format called NAME, or NULL. */
const LodgeFormat *lodge_format_find (const char *name);
/* All names, ", " between them, the default first; free with g_free. */
char *lodge_format_names (void);
/* Refuses PATH when it is named as an image of a format that there is none of here, such as
 * "x.vdi" (LODGE_ERROR_USAGE): a raw image of that name would be taken for one. */
gboolean lodge_format_check_name (const char *path, GError **error);

gboolean lodge_format_raw_write (const LodgeFormatSource *source, const char *path,
                                 LodgeProgress *progress, GCancellable *cancellable,
                                 GError **error);
gboolean lodge_format_zst_write (const LodgeFormatSource *source, const char *path,
                                 LodgeProgress *progress, GCancellable *cancellable,
                                 GError **error);
gboolean lodge_format_qcow2_write (const LodgeFormatSource *source, const char *path,
                                   LodgeProgress *progress, GCancellable *cancellable,
                                   GError **error);
gboolean lodge_format_vmdk_write (const LodgeFormatSource *source, const char *path,
                                  LodgeProgress *progress, GCancellable *cancellable,
                                  GError **error);
gboolean lodge_format_ova_write (const LodgeFormatSource *source, const char *path,
                                 LodgeProgress *progress, GCancellable *cancellable,
                                 GError **error);
