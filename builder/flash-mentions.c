/* Where an image names its file systems.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking at all bytes, and not into the files that are known to name them, finds what an
 * administrator's template adds too.
 */
#include "builder/flash-mentions.h"

#include <string.h>

#include "builder/flash-device.h"
#include "builder/flash-job.h"
#include "common/error.h"

enum
{
  LONGEST = 64, /* bytes of a word */
  SECTOR = 512, /* no block or cluster of a file system is smaller */
};

typedef struct
{
  const LodgeFlashSource *source;
  const char *const *words;
  GArray *found;
  guint8 *bytes; /* a chunk and, for words that begin in it, what follows */
  guint64 start; /* the chunk's place */
  gsize chunk;   /* its length */
  gsize length;  /* of all that was read */
} Search;

static void
find_word (Search *search, guint word)
{
  const char *text = search->words[word];
  gsize size = strlen (text);
  gsize from = 0;
  const guint8 *place;

  while (from < search->chunk
         && (place = memmem (search->bytes + from, search->length - from, text, size)) != NULL)
    {
      gsize at = (gsize)(place - search->bytes);
      const LodgeFlashMention mention = { .offset = search->start + at, .word = word };

      if (at < search->chunk)
        g_array_append_val (search->found, mention);
      from = at + size;
    }
}

/* Whether TEXT lies across BORDER and only its first part, or only its last one, is there: the
 * other part is in another block.  One of the two is at least half of it, and no chance. */
static gboolean
is_torn (const Search *search, gsize border, const char *text)
{
  gsize size = strlen (text);
  const guint8 *bytes = search->bytes;

  for (gsize head = 1; head < size; head++)
    {
      gsize tail = size - head;
      gboolean before = head <= border && bytes[border - head] == (guint8)text[0]
                        && memcmp (bytes + border - head, text, head) == 0;
      gboolean behind = tail <= search->length - border && bytes[border] == (guint8)text[head]
                        && memcmp (bytes + border, text + head, tail) == 0;

      if (before != behind && (before ? head : tail) >= (size + 1) / 2)
        return TRUE;
    }
  return FALSE;
}

/* The border at the chunk's beginning is the last one of what is before it. */
static gboolean
check_borders (const Search *search, const char *text, GError **error)
{
  for (gsize border = SECTOR - search->start % SECTOR; border <= search->chunk; border += SECTOR)
    if (is_torn (search, border, text))
      return lodge_error_set (error, LODGE_ERROR_FAILED,
                              "%s has %s in two blocks that are apart, one of them at byte "
                              "%" G_GUINT64_FORMAT
                              ", so that it cannot be changed; write it with --keep-uuids",
                              search->source->name, text, search->start + border);
  return TRUE;
}

static gboolean
search_chunk (Search *search, GError **error)
{
  search->length = (gsize)MIN (search->chunk + LONGEST, search->source->size - search->start);
  if (!lodge_flash_source_read (search->source, search->bytes, search->length, search->start,
                                error))
    return FALSE;
  for (guint word = 0; search->words[word] != NULL; word++)
    {
      find_word (search, word);
      if (!check_borders (search, search->words[word], error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
search_range (Search *search, const LodgeFlashRange *range, GCancellable *cancellable,
              GError **error)
{
  guint64 end = range->offset + range->length;

  for (search->start = range->offset; search->start < end; search->start += search->chunk)
    {
      search->chunk = (gsize)MIN (end - search->start, LODGE_FLASH_CHUNK);
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !search_chunk (search, error))
        return FALSE;
    }
  return TRUE;
}

GArray *
lodge_flash_mentions (const LodgeFlashSource *source, const LodgeFlashMap *map,
                      const char *const *words, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (LodgeFlashMention));
  g_autofree guint8 *bytes = g_malloc (LODGE_FLASH_CHUNK + LONGEST);
  Search search = { .source = source, .words = words, .found = found, .bytes = bytes };

  for (guint i = 0; i < map->ranges->len; i++)
    {
      const LodgeFlashRange *range = &g_array_index (map->ranges, LodgeFlashRange, i);

      if (range->kind == LODGE_FLASH_DATA && !lodge_flash_is_margin (map, range)
          && !search_range (&search, range, cancellable, error))
        return NULL;
    }
  return g_steal_pointer (&found);
}
