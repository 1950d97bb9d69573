/* Writing to several disks, and what a failure leaves.  Files stand for the disks here: what the
 * kernel does with real ones is looked at in tests/fast/flash.t.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-write.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "builder/flash-table.h"
#include "builder/spans.h"
#include "tests/unit/fixture.h"

#define MEBIBYTE (G_GUINT64_CONSTANT (1) << 20)
#define IMAGE_SIZE (24 * MEBIBYTE)

typedef struct
{
  char *directory;
  LodgeFlashSource *source;
  LodgeFlashMap *map;
  GPtrArray *jobs;
  guint seen; /* bits of phases that were shown */
  GCancellable *cancellable;
} Fixture;

/* 24 MiB of noise with a hole that must be zero from 8 to 12 MiB and a free one from 14 to 16. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *bytes = g_malloc (IMAGE_SIZE);
  g_autoptr (GArray) used = lodge_spans_new ();
  g_autoptr (GArray) free = lodge_spans_new ();

  (void)data;
  fixture->directory = make_directory ();
  path = g_build_filename (fixture->directory, "image", NULL);
  for (gsize i = 0; i < IMAGE_SIZE; i++)
    bytes[i] = (char)g_test_rand_int_range (1, 256);
  memset (bytes + 8 * MEBIBYTE, 0, 4 * MEBIBYTE);
  g_file_set_contents (path, bytes, IMAGE_SIZE, &error);
  g_assert_no_error (error);
  fixture->source = lodge_flash_source_new (open (path, O_RDWR | O_CLOEXEC), path, &error);
  g_assert_no_error (error);
  lodge_spans_add (used, 0, 8 * MEBIBYTE);
  lodge_spans_add (used, 12 * MEBIBYTE, 14 * MEBIBYTE);
  lodge_spans_add (used, 16 * MEBIBYTE, IMAGE_SIZE);
  lodge_spans_add (free, 14 * MEBIBYTE, 16 * MEBIBYTE);
  fixture->map = lodge_flash_map_new (IMAGE_SIZE, used, free);
  lodge_flash_map_hash (fixture->map, fixture->source, TRUE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  fixture->jobs = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_flash_job_free);
  fixture->cancellable = g_cancellable_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  g_ptr_array_unref (fixture->jobs);
  lodge_flash_source_free (fixture->source);
  lodge_flash_map_free (fixture->map);
  g_object_unref (fixture->cancellable);
  remove_directory (fixture->directory);
  g_free (fixture->directory);
}

/* The file NAME of SIZE bytes, full of 0xa5, as a disk; FLAGS as for open(2). */
static void
add_disk (Fixture *fixture, const char *name, guint64 size, int flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) patches = lodge_flash_patches (fixture->source, size, FALSE, &error);
  g_autofree char *bytes = g_malloc (size);
  LodgeFlashDevice *device = g_new0 (LodgeFlashDevice, 1);

  g_assert_no_error (error);
  device->path = g_build_filename (fixture->directory, name, NULL);
  device->size = size;
  device->buffer = lodge_flash_buffer_new (LODGE_FLASH_CHUNK);
  memset (bytes, 0xa5, size);
  g_file_set_contents (device->path, bytes, (gssize)size, &error);
  g_assert_no_error (error);
  device->fd = open (device->path, flags | O_CLOEXEC);
  g_assert_cmpint (device->fd, >=, 0);
  g_ptr_array_add (fixture->jobs, lodge_flash_job_new (device, patches, NULL));
}

static void
show (GPtrArray *jobs, gpointer data)
{
  Fixture *fixture = data;

  for (guint i = 0; i < jobs->len; i++)
    fixture->seen |= 1U << lodge_flash_job_state (g_ptr_array_index (jobs, i)).phase;
}

static void
show_and_cancel (GPtrArray *jobs, gpointer data)
{
  Fixture *fixture = data;

  (void)jobs;
  g_cancellable_cancel (fixture->cancellable);
}

static char *
read_disk (const Fixture *fixture, const char *name, gsize *size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->directory, name, NULL);
  char *bytes;

  g_file_get_contents (path, &bytes, size, &error);
  g_assert_no_error (error);
  return bytes;
}

static void
assert_complete (const Fixture *fixture, guint index, const char *name)
{
  LodgeFlashJob *job = g_ptr_array_index (fixture->jobs, index);
  gsize size;
  gsize image_size;
  g_autofree char *bytes = read_disk (fixture, name, &size);
  g_autofree char *image = read_disk (fixture, "image", &image_size);

  g_assert_no_error (lodge_flash_job_error (job));
  g_assert_cmpint (lodge_flash_job_state (job).phase, ==, LODGE_FLASH_DONE);
  g_assert_cmpmem (bytes, 14 * MEBIBYTE, image, 14 * MEBIBYTE);
  g_assert_cmpmem (bytes + 16 * MEBIBYTE, 8 * MEBIBYTE, image + 16 * MEBIBYTE, 8 * MEBIBYTE);
  for (gsize i = 14 * MEBIBYTE; i < 16 * MEBIBYTE; i++)
    g_assert_cmphex ((guint8)bytes[i], ==, 0xa5); /* free: as it was */
  for (gsize i = size - MEBIBYTE; size >= IMAGE_SIZE + MEBIBYTE && i < size; i++)
    g_assert_cmpint (bytes[i], ==, 0);
}

/* It has failed, and says so in WORDS; nothing is in the places where a firmware looks. */
static void
assert_spoilt (const Fixture *fixture, guint index, const char *name, const char *words)
{
  LodgeFlashJob *job = g_ptr_array_index (fixture->jobs, index);
  const GError *error = lodge_flash_job_error (job);
  gsize size;
  g_autofree char *bytes = read_disk (fixture, name, &size);

  g_assert_nonnull (error);
  g_assert_cmpint (lodge_flash_job_state (job).phase, ==, LODGE_FLASH_FAILED);
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" is not in: %s", words, error->message);
  for (gsize i = 0; lodge_flash_job_state (job).touched && i < MEBIBYTE; i++)
    g_assert_true (bytes[i] == 0 && bytes[size - 1 - i] == 0);
  /* Or the failure came before anything was written. */
  for (gsize i = 0; !lodge_flash_job_state (job).touched && i < size; i++)
    g_assert_cmphex ((guint8)bytes[i], ==, 0xa5);
}

static void
flash (Fixture *fixture)
{
  lodge_flash_write (fixture->source, fixture->map, fixture->jobs, show, fixture,
                     fixture->cancellable);
}

static void
test_several (Fixture *fixture, gconstpointer data)
{
  (void)data;
  add_disk (fixture, "same", IMAGE_SIZE, O_RDWR);
  add_disk (fixture, "larger", IMAGE_SIZE + 3 * MEBIBYTE, O_RDWR);
  add_disk (fixture, "much-larger", IMAGE_SIZE + 20 * MEBIBYTE + 512, O_RDWR);
  flash (fixture);
  assert_complete (fixture, 0, "same");
  assert_complete (fixture, 1, "larger");
  assert_complete (fixture, 2, "much-larger");
  g_assert_cmphex (fixture->seen & 1U << LODGE_FLASH_DONE, !=, 0);
}

/* The disk gives back something else. */
static void
test_verify (Fixture *fixture, gconstpointer data)
{
  LodgeFlashRange *range = NULL;

  (void)data;
  add_disk (fixture, "disk", IMAGE_SIZE + 3 * MEBIBYTE, O_RDWR);
  for (guint i = 0; i < fixture->map->ranges->len; i++)
    if (g_array_index (fixture->map->ranges, LodgeFlashRange, i).offset == 16 * MEBIBYTE)
      range = &g_array_index (fixture->map->ranges, LodgeFlashRange, i);
  g_assert_nonnull (range);
  range->sha256[3] = range->sha256[3] == '0' ? '1' : '0';
  flash (fixture);
  g_assert_true (lodge_flash_job_state (g_ptr_array_index (fixture->jobs, 0)).touched);
  assert_spoilt (fixture, 0, "disk", "does not hold what was written to it, near byte 16777216");
}

/* One takes nothing behind its 20th MiB. */
static void
test_one_fails (Fixture *fixture, gconstpointer data)
{
  struct rlimit before;
  struct rlimit limit;

  (void)data;
  add_disk (fixture, "good", IMAGE_SIZE, O_RDWR);
  add_disk (fixture, "bad", IMAGE_SIZE + 8 * MEBIBYTE, O_RDWR);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = IMAGE_SIZE;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  flash (fixture);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  assert_complete (fixture, 0, "good");
  g_assert_nonnull (lodge_flash_job_error (g_ptr_array_index (fixture->jobs, 1)));
  {
    gsize size;
    g_autofree char *bytes = read_disk (fixture, "bad", &size);

    for (gsize i = 0; i < MEBIBYTE; i++)
      g_assert_cmpint (bytes[i], ==, 0);
  }
}

/* It fails in the middle of the first write, which takes what was on it away. */
static void
test_fails_at_once (Fixture *fixture, gconstpointer data)
{
  struct rlimit before;
  struct rlimit limit;
  LodgeFlashState state;
  gsize size;
  g_autofree char *bytes = NULL;

  (void)data;
  add_disk (fixture, "bad", IMAGE_SIZE, O_RDWR);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = MEBIBYTE / 2;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  flash (fixture);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_nonnull (lodge_flash_job_error (g_ptr_array_index (fixture->jobs, 0)));
  bytes = read_disk (fixture, "bad", &size);
  g_assert_cmpint (bytes[0], ==, 0);
  g_assert_cmphex ((guint8)bytes[MEBIBYTE / 2], ==, 0xa5);
  state = lodge_flash_job_state (g_ptr_array_index (fixture->jobs, 0));
  g_assert_true (state.touched);
  g_assert_false (state.spoilt);
}

/* What was taken of a write that came out short is not written again, and the error tells where the
 * rest begins; what ends within a sector cannot be gone on with. */
static void
test_short_writes (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint taken; /* bytes of 4096 */
    const char *words;
    int number;
  } cases[] = {
    { 5 * 512, "at byte 2560", EFBIG },
    { 700, "at byte 0", EIO },
  };

  (void)data;
  signal (SIGXFSZ, SIG_IGN);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = g_build_filename (fixture->directory, "short", NULL);
      g_autofree char *found = NULL;
      guint8 *bytes = lodge_flash_buffer_new (4096);
      LodgeFlashDevice device = { .path = path };
      struct rlimit before;
      struct rlimit limit;
      gsize size;

      memset (bytes, 0x5a, 4096);
      device.fd = open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
      g_assert_cmpint (device.fd, >=, 0);
      g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
      limit = before;
      limit.rlim_cur = cases[i].taken;
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
      g_assert_false (lodge_flash_device_write (&device, bytes, 4096, 0, &error));
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
      g_assert_nonnull (strstr (error->message, cases[i].words));
      g_assert_nonnull (strstr (error->message, g_strerror (cases[i].number)));
      g_assert_true (g_file_get_contents (path, &found, &size, NULL));
      g_assert_cmpmem (found, size, bytes, cases[i].taken);
      close (device.fd);
      free (bytes);
    }
}

/* It cannot be written to at all: nothing of it is changed. */
static void
test_read_only (Fixture *fixture, gconstpointer data)
{
  gsize size;
  g_autofree char *bytes = NULL;

  (void)data;
  add_disk (fixture, "good", IMAGE_SIZE, O_RDWR);
  add_disk (fixture, "bad", IMAGE_SIZE, O_RDONLY);
  flash (fixture);
  assert_complete (fixture, 0, "good");
  g_assert_nonnull (lodge_flash_job_error (g_ptr_array_index (fixture->jobs, 1)));
  bytes = read_disk (fixture, "bad", &size);
  g_assert_cmphex ((guint8)bytes[0], ==, 0xa5);
}

static void
test_stopped (Fixture *fixture, gconstpointer data)
{
  (void)data;
  add_disk (fixture, "first", IMAGE_SIZE, O_RDWR);
  add_disk (fixture, "second", IMAGE_SIZE + 3 * MEBIBYTE, O_RDWR);
  /* Sees the first of them write at the earliest, and done at the latest: either is whole then. */
  lodge_flash_write (fixture->source, fixture->map, fixture->jobs, show_and_cancel, fixture,
                     fixture->cancellable);
  for (guint i = 0; i < 2; i++)
    {
      LodgeFlashJob *job = g_ptr_array_index (fixture->jobs, i);
      const char *name = i == 0 ? "first" : "second";

      if (lodge_flash_job_error (job) == NULL)
        assert_complete (fixture, i, name);
      else
        assert_spoilt (fixture, i, name, "stopped");
    }
}

/* The image's file is cut off while it is read. */
static void
test_image_fails (Fixture *fixture, gconstpointer data)
{
  (void)data;
  add_disk (fixture, "first", IMAGE_SIZE, O_RDWR);
  add_disk (fixture, "second", IMAGE_SIZE, O_RDWR);
  g_assert_cmpint (ftruncate (fixture->source->fd, 18 * MEBIBYTE), ==, 0);
  flash (fixture);
  assert_spoilt (fixture, 0, "first", "became shorter while it was read");
  assert_spoilt (fixture, 1, "second", "became shorter while it was read");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*run) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/flash-write/several", test_several },
    { "/flash-write/verify", test_verify },
    { "/flash-write/one-fails", test_one_fails },
    { "/flash-write/read-only", test_read_only },
    { "/flash-write/fails-at-once", test_fails_at_once },
    { "/flash-write/short-writes", test_short_writes },
    { "/flash-write/stopped", test_stopped },
    { "/flash-write/image-fails", test_image_fails },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
