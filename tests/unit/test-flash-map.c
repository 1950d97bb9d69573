/* The flash map: its text, what it takes from an image, and whether that is enough.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-map.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "builder/spans.h"
#include "common/error.h"
#include "common/run.h"
#include "tests/unit/fixture.h"

#define KIBIBYTE (G_GUINT64_CONSTANT (1) << 10)
#define MEBIBYTE (G_GUINT64_CONSTANT (1) << 20)

/* --- spans --- */

static char *
describe (const GArray *spans)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < spans->len; i++)
    {
      const LodgeSpan *span = &g_array_index (spans, LodgeSpan, i);

      g_string_append_printf (text, "%s%u-%u", i > 0 ? " " : "", (guint)span->start,
                              (guint)span->end);
    }
  return g_string_free (text, FALSE);
}

static GArray *
parse_spans (const char *text)
{
  GArray *spans = lodge_spans_new ();
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  for (char **word = words; *word != NULL; word++)
    {
      const char *end = strchr (*word, '-');

      if (end != NULL)
        lodge_spans_add (spans, g_ascii_strtoull (*word, NULL, 10),
                         g_ascii_strtoull (end + 1, NULL, 10));
    }
  return spans;
}

static void
test_spans (void)
{
  static const struct
  {
    const char *from;
    const char *without;
    const char *left;
  } differences[] = {
    { "0-100", "", "0-100" },
    { "0-100", "0-100", "" },
    { "0-100", "0-200", "" },
    { "10-100", "0-20 30-40 90-120", "20-30 40-90" },
    { "0-10 20-30 40-50", "5-45", "0-5 45-50" },
    { "0-10 20-30", "10-20", "0-10 20-30" },
    { "0-100", "10-20 20-30 99-100", "0-10 30-99" },
    { "0-10 10-20 30-40", "5-15 35-36", "0-5 15-20 30-35 36-40" },
  };
  g_autoptr (GArray) many = parse_spans ("50-60 0-10 5-20 22-30 60-70");
  g_autoptr (GArray) outward = NULL;
  g_autoptr (GArray) inward = NULL;
  g_autofree char *merged = NULL;
  g_autofree char *grown = NULL;
  g_autofree char *shrunk = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (differences); i++)
    {
      g_autoptr (GArray) from = parse_spans (differences[i].from);
      g_autoptr (GArray) without = parse_spans (differences[i].without);
      g_autoptr (GArray) left = lodge_spans_subtract (from, without);
      g_autofree char *text = describe (left);

      g_assert_cmpstr (text, ==, differences[i].left);
    }
  lodge_spans_merge (many, 2);
  merged = describe (many);
  g_assert_cmpstr (merged, ==, "0-30 50-70");
  outward = lodge_spans_align (many, 16, TRUE);
  grown = describe (outward);
  g_assert_cmpstr (grown, ==, "0-32 48-80");
  inward = lodge_spans_align (many, 16, FALSE);
  shrunk = describe (inward);
  g_assert_cmpstr (shrunk, ==, "0-16");
}

/* --- text --- */

/* 64 MiB: data at both ends, across both margins' borders and longer than a range may be. */
static LodgeFlashMap *
make_map (void)
{
  g_autoptr (GArray) data = lodge_spans_new ();
  g_autoptr (GArray) free = lodge_spans_new ();
  LodgeFlashMap *map;

  lodge_spans_add (data, 0, 17 * KIBIBYTE);
  lodge_spans_add (data, MEBIBYTE - 4096, MEBIBYTE + 100);
  lodge_spans_add (data, MEBIBYTE + 128 * KIBIBYTE, MEBIBYTE + 132 * KIBIBYTE);
  lodge_spans_add (data, MEBIBYTE + 140 * KIBIBYTE, MEBIBYTE + 144 * KIBIBYTE);
  lodge_spans_add (data, 10 * MEBIBYTE, 45 * MEBIBYTE);
  lodge_spans_add (data, 64 * MEBIBYTE - 33 * 512, 64 * MEBIBYTE);
  lodge_spans_add (free, 2 * MEBIBYTE + 1, 9 * MEBIBYTE);
  lodge_spans_add (free, 44 * MEBIBYTE, 62 * MEBIBYTE);
  map = lodge_flash_map_new (64 * MEBIBYTE, data, free);
  for (guint i = 0; i < map->ranges->len; i++)
    {
      LodgeFlashRange *range = &g_array_index (map->ranges, LodgeFlashRange, i);

      if (range->kind == LODGE_FLASH_DATA)
        memset (range->sha256, 'a' + (int)i % 6, LODGE_SHA256_DIGITS);
    }
  return map;
}

static void
test_text (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeFlashMap) map = make_map ();
  g_autofree char *text = lodge_flash_map_format (map);
  g_autoptr (LodgeFlashMap) again = lodge_flash_map_parse ("kvm.map", text, &error);
  g_autofree char *same = NULL;

  g_assert_no_error (error);
  assert_golden ("flash/example.map", text);
  same = lodge_flash_map_format (again);
  g_assert_cmpstr (same, ==, text);
}

/* TEXT with a checksum that is right. */
static char *
signed_text (const char *text)
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  return g_strdup_printf ("%ssha256 %s\n", text, sum);
}

static void
assert_refused (const char *text, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lodge_flash_map_parse ("kvm.map", text, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" is not in: %s", words, error->message);
}

static void
test_refused (void)
{
#define HEAD "lodge-flash-map 1\nsize 67108864\n"
#define SUM "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  static const char *const bodies[] = {
    "",
    "\n",
    "lodge-flash-map 2\nsize 67108864\nzero 0 512\n",
    "lodge-flash-map 1\nsize 67108865\nzero 0 512\n",
    "lodge-flash-map 1\nsize 1048576\nzero 0 512\n",
    HEAD,
    HEAD "hole 0 512\n",
    HEAD "zero 0 0\n",
    HEAD "zero 0 513\n",
    HEAD "zero 1 512\n",
    HEAD "zero -512 512\n",
    HEAD "zero 0 512 " SUM "\n",
    HEAD "data 0 512\n",
    HEAD "data 0 512 " SUM "a\n",
    HEAD "data 0 512 A" SUM "\n",
    HEAD "zero 0 1024\nzero 512 512\n",
    HEAD "zero 512 512\nzero 0 512\n",
    /* Across a margin's border; behind the end. */
    HEAD "zero 0 1049088\n",
    HEAD "zero 66059776 1024\n",
    HEAD "zero 67108864 512\n",
    HEAD "zero 0 512 \n",
    HEAD " zero 0 512\n",
    HEAD "zero 9223372036854775296 512\n",
  };
  g_autoptr (LodgeFlashMap) map = make_map ();
  g_autofree char *text = lodge_flash_map_format (map);
  gsize length = strlen (text);

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autofree char *body = signed_text (bodies[i]);

      assert_refused (body, bodies[i][0] == '\0' ? "cut off" : "kvm.map:");
    }
  for (gsize i = 0; i < length; i += 7)
    {
      g_autofree char *changed = g_strdup (text);
      g_autofree char *cut = g_strndup (text, i);

      changed[i] ^= 1;
      assert_refused (changed, "kvm.map");
      assert_refused (cut, "cut off");
    }
}

/* --- a real image --- */

#define FAT_START (1 * MEBIBYTE)
#define FAT_SIZE (40 * MEBIBYTE)
#define EXT4_START (41 * MEBIBYTE)
#define EXT4_SIZE (64 * MEBIBYTE)
#define IMAGE_SIZE (106 * MEBIBYTE)

static void
run (const char *const *argv, const char *input)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = lodge_run (argv, input, NULL, &error);

  g_assert_no_error (error);
}

/* TEXT many times: more than a block. */
static void
write_file (const char *directory, const char *name, const char *text, guint64 zeros)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autofree char *bytes = g_malloc0 (zeros + strlen (text));
  g_autoptr (GError) error = NULL;

  memcpy (bytes + zeros, text, strlen (text));
  g_file_set_contents (path, bytes, (gssize)(zeros + strlen (text)), &error);
  g_assert_no_error (error);
}

/* A disk image with a FAT32 and an ext4 file system, files in both, one with a hole. */
static char *
make_image (const char *directory)
{
  g_autofree char *image = g_build_filename (directory, "disk.raw", NULL);
  g_autofree char *tree = g_build_filename (directory, "tree", NULL);
  g_autofree char *fat_place = g_strdup_printf ("%s@@%" G_GUINT64_FORMAT, image, FAT_START);
  g_autofree char *ext4_place = g_strdup_printf ("offset=%" G_GUINT64_FORMAT, EXT4_START);
  const char *sfdisk[] = { "sfdisk", "--quiet", image, NULL };
  const char *fat[]
      = { "mkfs.fat", "-F", "32", "-s", "1", "--offset", "2048", image, "40960", NULL };
  const char *ext4[]
      = { "mke2fs", "-q", "-t", "ext4", "-d", tree, "-E", ext4_place, image, "64M", NULL };
  const char *copy[] = { "mcopy", "-i", fat_place, tree, "-s", "::", NULL };
  int fd = open (image, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, IMAGE_SIZE), ==, 0);
  close (fd);
  g_assert_cmpint (g_mkdir (tree, 0755), ==, 0);
  write_file (tree, "file", "some words", 0);
  write_file (tree, "zeros", "words after zeros", MEBIBYTE);
  run (sfdisk,
       "label: gpt\nstart=2048, size=81920, name=fat\nstart=83968, size=131072, name=ext4\n");
  run (fat, NULL);
  run (ext4, NULL);
  run (copy, NULL);
  return g_steal_pointer (&image);
}

static LodgeFlashSource *
open_image (const char *path)
{
  g_autoptr (GError) error = NULL;
  LodgeFlashSource *source
      = lodge_flash_source_new (open (path, O_RDONLY | O_CLOEXEC), path, &error);

  g_assert_no_error (error);
  return source;
}

/* What MAP says, over noise. */
static char *
flash (const LodgeFlashSource *source, const LodgeFlashMap *map, const char *directory)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *noise = g_malloc (IMAGE_SIZE);
  char *path = g_build_filename (directory, "noise.raw", NULL);

  for (gsize i = 0; i < IMAGE_SIZE; i += 4)
    {
      guint32 random = g_test_rand_int () | 1;

      memcpy (noise + i, &random, 4);
    }
  for (guint i = 0; i < map->ranges->len; i++)
    {
      const LodgeFlashRange *range = &g_array_index (map->ranges, LodgeFlashRange, i);

      if (range->kind == LODGE_FLASH_ZERO)
        memset (noise + range->offset, 0, range->length);
      else
        lodge_flash_source_read (source, noise + range->offset, range->length, range->offset,
                                 &error);
      g_assert_no_error (error);
    }
  g_file_set_contents (path, noise, IMAGE_SIZE, &error);
  g_assert_no_error (error);
  return path;
}

static void
assert_text_at (const char *part, const char *command, const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  output = strcmp (command, "debugfs") == 0
               ? lodge_run_list (&error, "debugfs", "-R", path, part, NULL)
               : lodge_run_list (&error, "mtype", "-i", part, path, NULL);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, text);
}

typedef struct
{
  guint64 last;
  guint64 total;
  GCancellable *cancellable;
} Reading;

static void
show_reading (guint64 bytes, guint64 total, gpointer data)
{
  Reading *reading = data;

  g_assert_cmpint (bytes, >, reading->last);
  g_assert_cmpint (bytes, <=, total);
  reading->last = bytes;
  reading->total = total;
  if (reading->cancellable != NULL)
    g_cancellable_cancel (reading->cancellable);
}

/* Making one may take minutes, which are seen, and can be ended. */
static void
test_reading (void)
{
  g_autofree char *directory = make_directory ();
  g_autofree char *image = make_image (directory);
  g_autoptr (LodgeFlashSource) source = open_image (image);
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Reading all = { 0 };
  Reading stopped = { .cancellable = cancellable };
  g_autoptr (LodgeFlashMap) map
      = lodge_flash_map_make (source, FALSE, show_reading, &all, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (map);
  g_assert_cmpint (all.total, >, 0);
  g_assert_cmpint (all.last, ==, all.total);
  g_assert_null (lodge_flash_map_make (source, FALSE, show_reading, &stopped, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (stopped.last, <, stopped.total);
  remove_directory (directory);
}

/* The file systems on a disk that was full of noise are whole. */
static void
test_enough (void)
{
  g_autofree char *directory = make_directory ();
  g_autofree char *image = make_image (directory);
  g_autoptr (LodgeFlashSource) source = open_image (image);
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeFlashMap) map = lodge_flash_map_make (source, TRUE, NULL, NULL, NULL, &error);
  g_autofree char *disk = NULL;
  g_autofree char *part = g_build_filename (directory, "ext4.raw", NULL);
  g_autofree char *in = NULL;
  g_autofree char *out = g_strdup_printf ("of=%s", part);
  g_autofree char *fat_part = g_build_filename (directory, "fat.raw", NULL);
  g_autofree char *fat_out = g_strdup_printf ("of=%s", fat_part);

  g_assert_no_error (error);
  /* A good part of it is free, and the zeros are there. */
  g_assert_cmpuint (lodge_flash_map_bytes (map, LODGE_FLASH_DATA)
                        + lodge_flash_map_bytes (map, LODGE_FLASH_ZERO),
                    <, IMAGE_SIZE / 2);
  g_assert_cmpuint (lodge_flash_map_bytes (map, LODGE_FLASH_ZERO), >, 4 * MEBIBYTE);
  disk = flash (source, map, directory);
  in = g_strdup_printf ("if=%s", disk);
  {
    const char *cut[] = { "dd", in, out, "bs=1M", "skip=41", "count=64", "status=none", NULL };
    const char *cut_fat[]
        = { "dd", in, fat_out, "bs=1M", "skip=1", "count=40", "status=none", NULL };
    const char *fsck[] = { "e2fsck", "-fn", part, NULL };
    const char *fsck_fat[] = { "fsck.fat", "-n", fat_part, NULL };

    run (cut, NULL);
    run (cut_fat, NULL);
    run (fsck, NULL);
    run (fsck_fat, NULL);
  }
  assert_text_at (part, "debugfs", "cat /file", "some words");
  assert_text_at (fat_part, "mtype", "::tree/file", "some words");
  {
    g_autofree char *zeros = g_build_filename (directory, "zeros.out", NULL);
    g_autofree char *request = g_strdup_printf ("dump /zeros %s", zeros);
    g_autofree char *original = g_build_filename (directory, "tree", "zeros", NULL);
    const char *debugfs[] = { "debugfs", "-R", request, part, NULL };
    const char *compare[] = { "cmp", zeros, original, NULL };

    run (debugfs, NULL);
    run (compare, NULL);
  }
  remove_directory (directory);
}

static char *
make_text (const char *image)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeFlashSource) source = open_image (image);
  g_autoptr (LodgeFlashMap) map = lodge_flash_map_make (source, TRUE, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  lodge_flash_map_hash (map, source, TRUE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return lodge_flash_map_format (map);
}

/* The map is of the content, and not of how its file came to be: a copy without holes has it too.
 */
static void
test_same (void)
{
  g_autofree char *directory = make_directory ();
  g_autofree char *image = make_image (directory);
  g_autofree char *full = g_build_filename (directory, "full.raw", NULL);
  const char *copy[] = { "cp", "--sparse=never", image, full, NULL };
  g_autofree char *first = make_text (image);
  g_autofree char *second = NULL;

  run (copy, NULL);
  second = make_text (full);
  g_assert_cmpstr (first, ==, second);
  remove_directory (directory);
}

/* Hashes are filled in; an image that was changed is found out, in data and in zeros. */
static void
test_hash (void)
{
  g_autofree char *directory = make_directory ();
  g_autofree char *image = make_image (directory);
  g_autoptr (LodgeFlashSource) source = open_image (image);
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeFlashMap) map = lodge_flash_map_make (source, TRUE, NULL, NULL, NULL, &error);
  g_autofree char *text = NULL;
  int fd = open (image, O_WRONLY | O_CLOEXEC);

  g_assert_no_error (error);
  lodge_flash_map_hash (map, source, TRUE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  text = lodge_flash_map_format (map);
  g_assert_null (strstr (text, "  "));
  lodge_flash_map_hash (map, source, TRUE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < map->ranges->len; i += 1 + map->ranges->len / 16)
    {
      const LodgeFlashRange *range = &g_array_index (map->ranges, LodgeFlashRange, i);
      off_t place = (off_t)(range->offset + range->length - 1);
      char was;
      char now;

      g_assert_cmpint (pread (source->fd, &was, 1, place), ==, 1);
      now = (char)(was + 1);
      g_assert_cmpint (pwrite (fd, &now, 1, place), ==, 1);
      g_assert_false (lodge_flash_map_hash (map, source, TRUE, NULL, NULL, NULL, &error));
      g_assert_nonnull (strstr (error->message, "changed or damaged"));
      g_clear_error (&error);
      g_assert_cmpint (pwrite (fd, &was, 1, place), ==, 1);
    }
  lodge_flash_map_hash (map, source, TRUE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  close (fd);
  remove_directory (directory);
}

/* A part of the image is taken from elsewhere. */
static void
test_replace (void)
{
  g_autoptr (LodgeFlashMap) map = make_map ();
  g_autoptr (GArray) data = lodge_spans_new ();
  g_autoptr (GArray) none = lodge_spans_new ();
  g_autoptr (LodgeFlashMap) part = NULL;
  guint64 end = 0;
  guint unknown = 0;

  lodge_spans_add (data, 0, 8192);
  part = lodge_flash_map_new (4 * MEBIBYTE, data, none);
  /* From within a zero range to within a data range. */
  lodge_flash_map_replace (map, 9 * MEBIBYTE + 8192, 13 * MEBIBYTE + 8192, part);
  for (guint i = 0; i < map->ranges->len; i++)
    {
      const LodgeFlashRange *range = &g_array_index (map->ranges, LodgeFlashRange, i);

      g_assert_cmpuint (range->offset, >=, end);
      end = range->offset + range->length;
      if (range->kind == LODGE_FLASH_DATA && range->sha256[0] == '\0')
        unknown++;
    }
  g_assert_cmpuint (unknown, ==, 2); /* the part's own, and the one that was cut */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flash-map/spans", test_spans);
  g_test_add_func ("/flash-map/text", test_text);
  g_test_add_func ("/flash-map/refused", test_refused);
  g_test_add_func ("/flash-map/reading", test_reading);
  g_test_add_func ("/flash-map/enough", test_enough);
  g_test_add_func ("/flash-map/same", test_same);
  g_test_add_func ("/flash-map/hash", test_hash);
  g_test_add_func ("/flash-map/replace", test_replace);
  return g_test_run ();
}
