/* The flash map as data: from spans to ranges, totals.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-map.h"

#include "builder/spans.h"

/* What a disk writes in one piece at least; ranges are rounded to it, unless the image ends. */
#define GRAIN G_GUINT64_CONSTANT (4096)
/* A hole between data that is not worth a range of its own: a stick writes it in less time than it
 * takes to begin anew. */
#define SMALL_HOLE (G_GUINT64_CONSTANT (64) << 10)
/* A longer range is cut, so that an error names its place. */
#define LONGEST (G_GUINT64_CONSTANT (16) << 20)

/* Where a range that begins at OFFSET must end at the latest. */
static guint64
find_limit (guint64 offset, guint64 image_size)
{
  guint64 limit = MIN (offset + LONGEST, image_size);

  if (offset < LODGE_FLASH_MARGIN)
    limit = MIN (limit, LODGE_FLASH_MARGIN);
  if (image_size > LODGE_FLASH_MARGIN && offset < image_size - LODGE_FLASH_MARGIN)
    limit = MIN (limit, image_size - LODGE_FLASH_MARGIN);
  return limit;
}

static void
add_ranges (LodgeFlashMap *map, LodgeFlashKind kind, const GArray *spans)
{
  for (guint i = 0; i < spans->len; i++)
    {
      const LodgeSpan *span = &g_array_index (spans, LodgeSpan, i);
      guint64 end = MIN (span->end, map->image_size);

      for (guint64 offset = span->start; offset < end;)
        {
          guint64 limit = MIN (end, find_limit (offset, map->image_size));
          const LodgeFlashRange range
              = { .kind = kind, .offset = offset, .length = limit - offset };

          g_array_append_val (map->ranges, range);
          offset = limit;
        }
    }
}

static int
compare_ranges (gconstpointer a, gconstpointer b)
{
  const LodgeFlashRange *first = a;
  const LodgeFlashRange *second = b;

  return first->offset < second->offset ? -1 : first->offset > second->offset;
}

LodgeFlashMap *
lodge_flash_map_new (guint64 image_size, const GArray *data, const GArray *free)
{
  LodgeFlashMap *map = g_new0 (LodgeFlashMap, 1);
  g_autoptr (GArray) all = lodge_spans_new ();
  g_autoptr (GArray) written = lodge_spans_align (data, GRAIN, TRUE);
  g_autoptr (GArray) unused = lodge_spans_align (free, GRAIN, FALSE);
  g_autoptr (GArray) used = NULL;
  g_autoptr (GArray) zero = NULL;

  lodge_spans_add (all, 0, image_size);
  lodge_spans_merge (written, SMALL_HOLE);
  used = lodge_spans_subtract (all, unused);
  zero = lodge_spans_subtract (used, written);
  map->image_size = image_size;
  map->ranges = g_array_new (FALSE, TRUE, sizeof (LodgeFlashRange));
  add_ranges (map, LODGE_FLASH_DATA, written);
  add_ranges (map, LODGE_FLASH_ZERO, zero);
  g_array_sort (map->ranges, compare_ranges);
  return map;
}

/* The part of RANGE from START to END, if any, is added to RANGES. */
static void
add_part (GArray *ranges, const LodgeFlashRange *range, guint64 start, guint64 end)
{
  LodgeFlashRange part = *range;

  part.offset = MAX (range->offset, start);
  end = MIN (range->offset + range->length, end);
  if (part.offset >= end)
    return;
  part.length = end - part.offset;
  if (part.length != range->length)
    part.sha256[0] = '\0';
  g_array_append_val (ranges, part);
}

void
lodge_flash_map_replace (LodgeFlashMap *map, guint64 start, guint64 end, const LodgeFlashMap *part)
{
  GArray *ranges = g_array_new (FALSE, TRUE, sizeof (LodgeFlashRange));

  for (guint i = 0; i < map->ranges->len; i++)
    {
      const LodgeFlashRange *range = &g_array_index (map->ranges, LodgeFlashRange, i);

      add_part (ranges, range, 0, start);
      add_part (ranges, range, end, map->image_size);
    }
  for (guint i = 0; i < part->ranges->len; i++)
    {
      LodgeFlashRange range = g_array_index (part->ranges, LodgeFlashRange, i);

      range.offset += start;
      g_array_append_val (ranges, range);
    }
  g_array_sort (ranges, compare_ranges);
  g_array_unref (map->ranges);
  map->ranges = ranges;
}

guint64
lodge_flash_map_bytes (const LodgeFlashMap *map, LodgeFlashKind kind)
{
  guint64 bytes = 0;

  for (guint i = 0; i < map->ranges->len; i++)
    {
      const LodgeFlashRange *range = &g_array_index (map->ranges, LodgeFlashRange, i);

      if (range->kind == kind)
        bytes += range->length;
    }
  return bytes;
}

void
lodge_flash_map_free (LodgeFlashMap *map)
{
  if (map == NULL)
    return;
  g_array_unref (map->ranges);
  g_free (map);
}
