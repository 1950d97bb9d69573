/* What apt-get and apt-helper print, understood.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

#include "builder/family.h"

/* `apt-get --print-uris -o Acquire::ForceHash=SHA256`: one LodgePackage for each line
 * "'URI' FILE SIZE SHA256:DIGEST", name, version and architecture from the file's name (an epoch's
 * colon is %3a there); other lines are skipped.  Sorted by name.  NULL with ERROR set when a line
 * has no SHA-256, or when there is no package at all. */
GPtrArray *lodge_apt_parse_uris (const char *output, GError **error);

typedef enum
{
  LODGE_APT_UNPACK,
  LODGE_APT_CONFIGURE,
} LodgeAptAction;

/* Packages that one call of dpkg unpacks or configures. */
typedef struct
{
  LodgeAptAction action;
  GPtrArray *names; /* of char*, in order */
} LodgeAptGroup;

/* A GDestroyNotify. */
void lodge_apt_group_free (gpointer group);

/* `apt-get --simulate`: its "Inst NAME …" and "Conf NAME …" lines in order, neighbours of one kind
 * put together; the names in SKIP (a set of char*, or NULL) are left out.  Free with
 * g_ptr_array_unref; the elements are LodgeAptGroup. */
GPtrArray *lodge_apt_parse_simulation (const char *output, GHashTable *skip);

/* The packages that apt-get --simulate would unpack, in order, of char*. */
GPtrArray *lodge_apt_parse_installed (const char *output);

/* Whether LINE is one of APT::Status-Fd about a download ("dlstatus:ITEM:PERCENT:TEXT"); *PERCENT
 * is how far it is. */
gboolean lodge_apt_parse_status (const char *line, double *percent);

/* What went wrong, from everything that apt printed. */
typedef enum
{
  LODGE_APT_UNREACHABLE, /* no connection to the mirror */
  LODGE_APT_MISSING,     /* the mirror answers, but does not have it */
  LODGE_APT_UNTRUSTED,   /* signature or checksum */
  LODGE_APT_FULL,        /* no space left */
  LODGE_APT_OTHER,
} LodgeAptFailure;

/* Finds the line of OUTPUT ("E: …", "W: …", "Err:…") that tells most; *SENTENCE (g_free) says it in
 * one sentence with the mend, without the "E: ". */
LodgeAptFailure lodge_apt_explain (const char *output, char **sentence);
