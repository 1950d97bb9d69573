/* What dnf (4 and 5) and rpm print, understood.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* One package of a transaction. */
typedef struct
{
  char *name;
  char *architecture;
  char *version;    /* "1:2.3-4" */
  char *repository; /* id */
} LodgeDnfItem;

/* The packages that dnf says it would install: of LodgeDnfItem, free with g_ptr_array_unref.  The
 * table's rows are words in a fixed order, however its columns are broken into lines.  NULL with
 * ERROR set when OUTPUT holds no such table, or another number of packages than its summary says.
 */
GPtrArray *lodge_dnf_parse_transaction (const char *output, GError **error);

/* What went wrong, from everything that dnf printed. */
typedef enum
{
  LODGE_DNF_UNREACHABLE, /* no connection */
  LODGE_DNF_MISSING,     /* the server answers, but does not have it */
  LODGE_DNF_UNTRUSTED,   /* signature or checksum */
  LODGE_DNF_FULL,        /* no space left */
  LODGE_DNF_OTHER,
} LodgeDnfFailure;

/* *SENTENCE (g_free) says it in one sentence that names the package or repository. */
LodgeDnfFailure lodge_dnf_explain (const char *output, char **sentence);

/* Whether LINE, printed while packages were installed, tells that one was not installed as it
 * should be although dnf ends with "Complete!" and exit status 0: a failed scriptlet, which rpm
 * only warns of, or a file that went to root as its owner is not there.  Returns a sentence (free
 * with g_free), or NULL. */
char *lodge_dnf_find_lie (const char *line);

/* Whether that line is about an owner that does not exist, which can be mended afterwards. */
gboolean lodge_dnf_is_owner_missing (const char *line);
