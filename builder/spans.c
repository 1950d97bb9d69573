/* Sets of bytes of a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/spans.h"

GArray *
lodge_spans_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (LodgeSpan));
}

void
lodge_spans_add (GArray *spans, guint64 start, guint64 end)
{
  const LodgeSpan span = { .start = start, .end = end };

  if (start < end)
    g_array_append_val (spans, span);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const LodgeSpan *first = a;
  const LodgeSpan *second = b;

  return first->start < second->start ? -1 : first->start > second->start;
}

void
lodge_spans_sort (GArray *spans)
{
  g_array_sort (spans, compare);
}

void
lodge_spans_merge (GArray *spans, guint64 gap)
{
  guint kept = 0;

  lodge_spans_sort (spans);
  for (guint i = 0; i < spans->len; i++)
    {
      LodgeSpan *span = &g_array_index (spans, LodgeSpan, i);
      LodgeSpan *last = kept > 0 ? &g_array_index (spans, LodgeSpan, kept - 1) : NULL;

      if (last != NULL && (span->start <= last->end || span->start - last->end <= gap))
        last->end = MAX (last->end, span->end);
      else
        g_array_index (spans, LodgeSpan, kept++) = *span;
    }
  g_array_set_size (spans, kept);
}

GArray *
lodge_spans_align (const GArray *spans, guint64 grain, gboolean outward)
{
  GArray *result = lodge_spans_new ();

  for (guint i = 0; i < spans->len; i++)
    {
      const LodgeSpan *span = &g_array_index (spans, LodgeSpan, i);
      guint64 start = span->start / grain * grain;
      guint64 end = span->end / grain * grain;

      if (outward)
        end += end < span->end ? grain : 0;
      else
        start += start < span->start ? grain : 0;
      lodge_spans_add (result, start, end);
    }
  lodge_spans_merge (result, 0);
  return result;
}

GArray *
lodge_spans_subtract (const GArray *from, const GArray *without)
{
  GArray *result = lodge_spans_new ();
  guint next = 0;

  for (guint i = 0; i < from->len; i++)
    {
      LodgeSpan left = g_array_index (from, LodgeSpan, i);

      while (next < without->len && g_array_index (without, LodgeSpan, next).end <= left.start)
        next++;
      for (guint j = next; j < without->len; j++)
        {
          const LodgeSpan *hole = &g_array_index (without, LodgeSpan, j);

          if (hole->start >= left.end)
            break;
          lodge_spans_add (result, left.start, hole->start);
          left.start = MIN (MAX (left.start, hole->end), left.end);
        }
      lodge_spans_add (result, left.start, left.end);
    }
  return result;
}
