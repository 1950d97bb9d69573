/* The flash map as text.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-map.h"

#include <string.h>

#include "common/error.h"
#include "common/file.h"
#include "common/number.h"

enum
{
  MAP_LIMIT = 16 * 1024 * 1024, /* bytes; a map has a line for each 16 MiB, or hole */
};

#define FIRST_LINE "lodge-flash-map 1"

char *
lodge_flash_map_format (const LodgeFlashMap *map)
{
  GString *text = g_string_new (FIRST_LINE "\n");
  g_autofree char *sum = NULL;

  g_string_append_printf (text, "size %" G_GUINT64_FORMAT "\n", map->image_size);
  for (guint i = 0; i < map->ranges->len; i++)
    {
      const LodgeFlashRange *range = &g_array_index (map->ranges, LodgeFlashRange, i);

      g_string_append_printf (text, "%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "%s%s\n",
                              range->kind == LODGE_FLASH_DATA ? "data" : "zero", range->offset,
                              range->length, range->kind == LODGE_FLASH_DATA ? " " : "",
                              range->sha256);
    }
  sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str, (gssize)text->len);
  g_string_append_printf (text, "sha256 %s\n", sum);
  return g_string_free (text, FALSE);
}

static gboolean
is_digest (const char *word)
{
  return strlen (word) == LODGE_SHA256_DIGITS
         && strspn (word, "0123456789abcdef") == LODGE_SHA256_DIGITS;
}

static gboolean
parse_range (char **words, LodgeFlashRange *range)
{
  guint count = g_strv_length (words);

  if (count < 3 || !lodge_number_parse (words[1], 0, G_MAXINT64, &range->offset)
      || !lodge_number_parse (words[2], 1, G_MAXINT64, &range->length))
    return FALSE;
  range->kind = strcmp (words[0], "data") == 0 ? LODGE_FLASH_DATA : LODGE_FLASH_ZERO;
  if (range->kind == LODGE_FLASH_ZERO)
    return count == 3 && strcmp (words[0], "zero") == 0;
  if (count != 4 || !is_digest (words[3]))
    return FALSE;
  memcpy (range->sha256, words[3], LODGE_SHA256_DIGITS);
  return TRUE;
}

/* The range lies behind the one before and within one part of the image. */
static gboolean
fits (const LodgeFlashMap *map, const LodgeFlashRange *range)
{
  const LodgeFlashRange *last
      = map->ranges->len == 0 ? NULL
                              : &g_array_index (map->ranges, LodgeFlashRange, map->ranges->len - 1);
  guint64 end = range->offset + range->length;
  guint64 tail = map->image_size - LODGE_FLASH_MARGIN;

  return range->offset % 512 == 0 && range->length % 512 == 0 && end <= map->image_size
         && (last == NULL || last->offset + last->length <= range->offset)
         && (range->offset >= LODGE_FLASH_MARGIN || end <= LODGE_FLASH_MARGIN)
         && (range->offset >= tail || end <= tail);
}

/* LINES are all but the last one. */
static gboolean
parse_lines (LodgeFlashMap *map, char **lines, guint *line)
{
  g_auto (GStrv) size = NULL;

  *line = 1;
  if (lines[0] == NULL || strcmp (lines[0], FIRST_LINE) != 0)
    return FALSE;
  *line = 2;
  size = g_strsplit (lines[1] != NULL ? lines[1] : "", " ", -1);
  if (g_strv_length (size) != 2 || strcmp (size[0], "size") != 0
      || !lodge_number_parse (size[1], 2 * LODGE_FLASH_MARGIN, G_MAXINT64, &map->image_size)
      || map->image_size % 512 != 0)
    return FALSE;
  for (guint i = 2; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);
      LodgeFlashRange range = { 0 };

      *line = i + 1;
      if (!parse_range (words, &range) || !fits (map, &range))
        return FALSE;
      g_array_append_val (map->ranges, range);
    }
  return map->ranges->len > 0;
}

LodgeFlashMap *
lodge_flash_map_parse (const char *path, const char *text, GError **error)
{
  g_autoptr (LodgeFlashMap) map = g_new0 (LodgeFlashMap, 1);
  const char *last = g_strrstr (text, "\nsha256 ");
  g_autofree char *sum = NULL;
  g_autofree char *wanted = NULL;
  g_autofree char *body = NULL;
  g_auto (GStrv) lines = NULL;
  guint line = 0;

  map->ranges = g_array_new (FALSE, TRUE, sizeof (LodgeFlashRange));
  if (last != NULL)
    {
      sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)text,
                                         (gsize)(last + 1 - text));
      wanted = g_strdup_printf ("\nsha256 %s\n", sum);
    }
  if (last == NULL || strcmp (last, wanted) != 0)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "%s is no flash map, or was cut off or changed; get it again with its image,"
                       " or remove it: the whole image is written then",
                       path);
      return NULL;
    }
  body = g_strndup (text, (gsize)(last - text));
  lines = g_strsplit (body, "\n", -1);
  if (!parse_lines (map, lines, &line))
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "%s:%u: this line is nothing that this version of Lodge knows; remove the "
                       "file: the whole image is written then",
                       path, line);
      return NULL;
    }
  return g_steal_pointer (&map);
}

LodgeFlashMap *
lodge_flash_map_load (const char *path, GError **error)
{
  g_autofree char *text = lodge_file_read (path, MAP_LIMIT, NULL, error);

  return text == NULL ? NULL : lodge_flash_map_parse (path, text, error);
}
