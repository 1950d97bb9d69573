/* Handing an image round to disks of which some are slow.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-feed.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "builder/flash-device.h"
#include "builder/spans.h"
#include "tests/unit/fixture.h"

#define MEBIBYTE (G_GUINT64_CONSTANT (1) << 20)
/* Much more than is read ahead. */
#define IMAGE_SIZE (48 * MEBIBYTE)

typedef struct
{
  char *directory;
  char *bytes;
  LodgeFlashSource *source;
  LodgeFlashMap *map;
  LodgeFlashFeed *feed;
  GCancellable *cancellable;
  GThread *reader;
} Fixture;

/* Noise; zeros from 20 to 40 MiB, the last four of which are free. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GArray) used = lodge_spans_new ();
  g_autoptr (GArray) free = lodge_spans_new ();

  (void)data;
  fixture->directory = make_directory ();
  path = g_build_filename (fixture->directory, "image", NULL);
  fixture->bytes = g_malloc0 (IMAGE_SIZE);
  for (gsize i = 0; i < IMAGE_SIZE; i += sizeof (guint32))
    {
      guint32 word = g_test_rand_int ();

      memcpy (fixture->bytes + i, &word, sizeof word);
    }
  memset (fixture->bytes + 20 * MEBIBYTE, 0, 20 * MEBIBYTE);
  g_file_set_contents (path, fixture->bytes, IMAGE_SIZE, &error);
  g_assert_no_error (error);
  fixture->source = lodge_flash_source_new (open (path, O_RDWR | O_CLOEXEC), path, &error);
  g_assert_no_error (error);
  lodge_spans_add (used, 0, 20 * MEBIBYTE);
  lodge_spans_add (used, 40 * MEBIBYTE, IMAGE_SIZE);
  lodge_spans_add (free, 36 * MEBIBYTE, 40 * MEBIBYTE);
  fixture->map = lodge_flash_map_new (IMAGE_SIZE, used, free);
  fixture->feed = lodge_flash_feed_new (fixture->source, fixture->map);
  fixture->cancellable = g_cancellable_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  lodge_flash_feed_free (fixture->feed);
  lodge_flash_source_free (fixture->source);
  lodge_flash_map_free (fixture->map);
  g_object_unref (fixture->cancellable);
  remove_directory (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->bytes);
}

static gpointer
read_image (gpointer data)
{
  const Fixture *fixture = data;

  lodge_flash_feed_read (fixture->feed, fixture->cancellable, NULL);
  lodge_flash_feed_end (fixture->feed);
  return NULL;
}

static void
begin (Fixture *fixture)
{
  fixture->reader = g_thread_new ("read", read_image, fixture);
}

/* At most PIECES of what is left; each is the image's and follows the one before.  The place behind
 * the last one. */
static guint64
take (const Fixture *fixture, LodgeFlashTaker *taker, guint64 place, guint pieces)
{
  g_autoptr (GError) error = NULL;
  const LodgeFlashPiece *piece = NULL;

  while (pieces-- > 0 && lodge_flash_feed_next (taker, &piece, &error) && piece != NULL)
    {
      g_assert_cmpint (piece->offset, ==, place == 36 * MEBIBYTE ? 40 * MEBIBYTE : place);
      if (piece->bytes != NULL)
        g_assert_cmpmem (piece->bytes, piece->length, fixture->bytes + piece->offset,
                         piece->length);
      else
        g_assert_true (piece->offset >= 20 * MEBIBYTE
                       && piece->offset + piece->length <= 36 * MEBIBYTE);
      place = piece->offset + piece->length;
    }
  g_assert_no_error (error);
  return place;
}

/* Of three, two take nothing any more: one never began, one hangs in the middle of a piece. */
static void
test_slow (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *buffers = g_malloc (3 * LODGE_FLASH_CHUNK);
  LodgeFlashTaker *takers[3];
  guint64 middle;

  (void)data;
  for (guint i = 0; i < G_N_ELEMENTS (takers); i++)
    takers[i] = lodge_flash_feed_add (fixture->feed, buffers + i * LODGE_FLASH_CHUNK);
  begin (fixture);
  middle = take (fixture, takers[1], MEBIBYTE, 3);
  g_assert_cmpint (middle, ==, 4 * MEBIBYTE);
  /* The third is fed all the same … */
  g_assert_cmpint (take (fixture, takers[2], MEBIBYTE, G_MAXUINT), ==, IMAGE_SIZE - MEBIBYTE);
  lodge_flash_feed_leave (takers[2]);
  /* … and the others miss nothing. */
  g_assert_cmpint (take (fixture, takers[1], middle, G_MAXUINT), ==, IMAGE_SIZE - MEBIBYTE);
  g_assert_cmpint (take (fixture, takers[0], MEBIBYTE, G_MAXUINT), ==, IMAGE_SIZE - MEBIBYTE);
  lodge_flash_feed_leave (takers[0]);
  lodge_flash_feed_leave (takers[1]);
  g_thread_join (fixture->reader);
}

/* The reader waits for nobody who has left. */
static void
test_leave (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *buffers = g_malloc (2 * LODGE_FLASH_CHUNK);
  LodgeFlashTaker *takers[2];

  (void)data;
  for (guint i = 0; i < G_N_ELEMENTS (takers); i++)
    takers[i] = lodge_flash_feed_add (fixture->feed, buffers + i * LODGE_FLASH_CHUNK);
  begin (fixture);
  take (fixture, takers[0], MEBIBYTE, 2);
  lodge_flash_feed_leave (takers[0]);
  g_assert_cmpint (take (fixture, takers[1], MEBIBYTE, 30), >, 20 * MEBIBYTE);
  lodge_flash_feed_leave (takers[1]);
  g_thread_join (fixture->reader);
}

/* Who reads for himself is told what is wrong with the image, too. */
static void
test_alone_fails (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *buffers = g_malloc (2 * LODGE_FLASH_CHUNK);
  LodgeFlashTaker *takers[2];
  const LodgeFlashPiece *piece = NULL;
  g_autoptr (GError) error = NULL;

  (void)data;
  for (guint i = 0; i < G_N_ELEMENTS (takers); i++)
    takers[i] = lodge_flash_feed_add (fixture->feed, buffers + i * LODGE_FLASH_CHUNK);
  begin (fixture);
  take (fixture, takers[1], MEBIBYTE, G_MAXUINT);
  g_assert_cmpint (ftruncate (fixture->source->fd, 2 * MEBIBYTE), ==, 0);
  g_assert_cmpint (take (fixture, takers[0], MEBIBYTE, 1), ==, 2 * MEBIBYTE);
  g_assert_false (lodge_flash_feed_next (takers[0], &piece, &error));
  g_assert_nonnull (strstr (error->message, "became shorter"));
  lodge_flash_feed_leave (takers[0]);
  lodge_flash_feed_leave (takers[1]);
  g_thread_join (fixture->reader);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*run) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/flash-feed/slow", test_slow },
    { "/flash-feed/leave", test_leave },
    { "/flash-feed/alone-fails", test_alone_fails },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
