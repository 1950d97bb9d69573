/* The OVF descriptor: the virtual machine that an OVA is of, in VMware's words.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/template.h"

typedef struct
{
  const LodgeTemplate *template;
  const char *build_hash;
  const char *disk_file; /* the system disk's name in the archive */
  guint64 disk_file_size;
  guint64 disk_size; /* bytes, of the disk itself: a multiple of 1 MiB */
} LodgeOvf;

/* What the virtual machine and the files in the archive are called: "lodge-debian-13"; only
 * letters, digits, '.', '_' and '-', so that it needs no quoting in a URI.  Free with g_free. */
char *lodge_ovf_name (const LodgeTemplate *template);

/* The descriptor as XML; free with g_free.  Pure. */
char *lodge_ovf_format (const LodgeOvf *ovf);
