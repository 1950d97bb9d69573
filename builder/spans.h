/* Sets of bytes of a disk, as sorted lists of where they begin and end.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

typedef struct
{
  guint64 start; /* bytes */
  guint64 end;   /* the first byte behind it */
} LodgeSpan;

/* An empty list, a GArray of LodgeSpan. */
GArray *lodge_spans_new (void);

/* Appends START to END, anywhere; nothing when it is empty. */
void lodge_spans_add (GArray *spans, guint64 start, guint64 end);

/* Sorts by where they begin. */
void lodge_spans_sort (GArray *spans);

/* Sorts, and makes one of those that overlap or are at most GAP bytes apart.  The functions below
 * want this. */
void lodge_spans_merge (GArray *spans, guint64 gap);

/* Rounds to multiples of GRAIN: with OUTWARD each span grows, else it shrinks and may be gone. */
GArray *lodge_spans_align (const GArray *spans, guint64 grain, gboolean outward);

/* What is in FROM and not in WITHOUT. */
GArray *lodge_spans_subtract (const GArray *from, const GArray *without);
