/* One answers.conf for many hosts: what each of them gets, and where they are in each other's way.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A host is what one [match …] section names: that two sections fit one machine cannot be known
 * from the file, except where one host takes the port that another section names.
 */
#pragma once

#include "common/answers-table.h"

typedef struct
{
  char *by; /* "mac", "serial" or "uuid" */
  char *value;
  guint line;                   /* of the section */
  LodgeAnswersReading *reading; /* the answers that it gets */
} LodgeClassroomHost;

typedef struct
{
  const char *kind; /* "address", "hostname", "mac", "identity" or "contradiction" */
  guint lines[2];   /* where it is seen: the later line first; 0: none */
  char *message;    /* "FILE:LINE: …", one sentence */
  GPtrArray *hosts; /* of LodgeClassroomHost, the classroom's: whom it is about */
} LodgeClash;

typedef struct
{
  char *path;
  LodgeKeyfile *keyfile;
  GPtrArray *hosts;   /* of LodgeClassroomHost, in the order of the file */
  GPtrArray *clashes; /* of LodgeClash, by kind; empty: none */
  /* Of char *, "FILE:LINE: …": what a host lacks that another section may give it which names hosts
   * in another way, when both fit one machine. */
  GPtrArray *doubts;
  LodgeAnswersReading *common; /* what a host gets that no section names */
  char *others;                /* why a host that no section names is not set up, or NULL: it is */
  gboolean mixed;              /* hosts are named in more than one way */
  guint without_names;         /* number of hosts that get no host name of their own */
} LodgeClassroom;

/* Parses TEXT (LENGTH bytes), which PATH holds.  Mistakes are errors as of lodge_answers_parse();
 * clashes are not. */
LodgeClassroom *lodge_classroom_read (const char *path, const char *text, gsize length,
                                      GError **error);
void lodge_classroom_free (LodgeClassroom *classroom);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeClassroom, lodge_classroom_free)

/* The table that people read, clashes left out; a file that names no host gives the row of any.
 * Free with g_free. */
char *lodge_classroom_format (const LodgeClassroom *classroom);

/* The same with the clashes as a JSON object, without secrets. */
char *lodge_classroom_format_json (const LodgeClassroom *classroom);

/* --- what lodge_classroom_read() does with the hosts that it read --- */

/* Takes MESSAGE; whom it is about goes into the result's hosts. */
LodgeClash *lodge_classroom_add_clash (LodgeClassroom *classroom, const char *kind, guint line,
                                       guint other, char *message);

/* classroom-clash.c: adds what hosts have in common that they must not have. */
void lodge_classroom_find_clashes (LodgeClassroom *classroom);

/* classroom-contradiction.c: adds hosts that are never found, and answers of one host that
 * contradict each other. */
void lodge_classroom_find_placeholders (LodgeClassroom *classroom);
void lodge_classroom_find_contradictions (LodgeClassroom *classroom);
