/* The partition table that a disk of another size than the image gets.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-table.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "common/run.h"

#define MEBIBYTE (G_GUINT64_CONSTANT (1) << 20)
#define IMAGE_SIZE (16 * MEBIBYTE)

/* An image of 16 MiB with a GPT of two partitions and a mark in the boot sector's code. */
static LodgeFlashSource *
make_image (char **path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  LodgeFlashSource *source;
  int fd = g_file_open_tmp ("lodge-table-XXXXXX", path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (ftruncate (fd, IMAGE_SIZE), ==, 0);
  {
    const char *argv[] = { "sfdisk", "--quiet", *path, NULL };

    output = lodge_run (argv,
                        "label: gpt\nlabel-id: 01234567-89AB-CDEF-0123-456789ABCDEF\n"
                        "start=2048, size=2048, name=one\nstart=4096, size=8192, name=two\n",
                        NULL, &error);
    g_assert_no_error (error);
  }
  g_assert_cmpint (pwrite (fd, "BOOT", 4, 0), ==, 4);
  /* Some BIOSes boot from a disk only when a partition is active, the protective one too. */
  g_assert_cmpint (pwrite (fd, "\x80", 1, 446), ==, 1);
  source = lodge_flash_source_new (fd, *path, &error);
  g_assert_no_error (error);
  return source;
}

/* A disk of SIZE bytes that gets the patches and nothing else; NOISE where nothing is written. */
static char *
make_disk (const LodgeFlashSource *source, guint64 size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) patches = lodge_flash_patches (source, size, FALSE, &error);
  g_autofree char *disk = g_malloc (size);
  char *path;
  int fd;

  g_assert_no_error (error);
  memset (disk, 0xa5, size);
  for (guint i = 0; i < patches->len; i++)
    {
      const LodgeFlashPatch *patch = patches->pdata[i];
      gsize length = g_bytes_get_size (patch->bytes);

      g_assert_cmpuint (patch->offset + length, <=, size);
      g_assert_cmpuint (patch->offset, ==, i == 0 ? 0 : patch->offset);
      memcpy (disk + patch->offset, g_bytes_get_data (patch->bytes, NULL), length);
    }
  fd = g_file_open_tmp ("lodge-table-XXXXXX", &path, &error);
  g_assert_no_error (error);
  close (fd);
  g_file_set_contents (path, disk, (gssize)size, &error);
  g_assert_no_error (error);
  return path;
}

static char *
verify (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *text = lodge_run_list (&error, "sfdisk", "--verify", path, NULL);

  g_assert_no_error (error);
  return text;
}

static char *
dump (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = lodge_run_list (&error, "sfdisk", "--dump", path, NULL);
  g_auto (GStrv) parts = NULL;
  g_auto (GStrv) lines = NULL;
  GString *kept = g_string_new (NULL);

  g_assert_no_error (error);
  parts = g_strsplit (text, path, -1);
  g_free (text);
  text = g_strjoinv ("DISK", parts);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (!g_str_has_prefix (*line, "last-lba:"))
      g_string_append_printf (kept, "%s\n", *line);
  return g_string_free (kept, FALSE);
}

static void
test_sizes (void)
{
  /* The same; one sector more; within the part written as one; far; not a multiple of 4096. */
  const guint64 sizes[] = { IMAGE_SIZE, IMAGE_SIZE + 512, IMAGE_SIZE + 3 * MEBIBYTE + 1536,
                            IMAGE_SIZE + 4 * MEBIBYTE, IMAGE_SIZE + 20 * MEBIBYTE + 512 };
  g_autofree char *image = NULL;
  g_autoptr (LodgeFlashSource) source = make_image (&image);
  g_autofree char *wanted = dump (image);
  guint8 first[512];

  g_assert_cmpint (pread (source->fd, first, sizeof first, 0), ==, sizeof first);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *disk = make_disk (source, sizes[i]);
      g_autofree char *text = verify (disk);
      g_autofree char *table = dump (disk);
      g_autofree char *last_lba
          = g_strdup_printf ("%" G_GUINT64_FORMAT, sizes[i] / 512 - 34); /* the last usable one */
      g_autofree char *whole = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *bytes = NULL;

      g_assert_nonnull (strstr (text, "No errors detected"));
      g_assert_cmpstr (table, ==, wanted);
      whole = lodge_run_list (&error, "sfdisk", "--dump", disk, NULL);
      g_assert_no_error (error);
      g_assert_nonnull (strstr (whole, last_lba));
      g_file_get_contents (disk, &bytes, NULL, &error);
      g_assert_no_error (error);
      /* The boot sector is the image's but for the size in the protective MBR. */
      g_assert_cmpmem (bytes, 4, "BOOT", 4);
      g_assert_cmpmem (bytes, 458, first, 458);
      g_assert_cmpmem (bytes + 462, 50, first + 462, 50);
      g_assert_cmpmem (bytes + sizes[i] - 512, 8, "EFI PART", 8);
      if (sizes[i] >= IMAGE_SIZE + 34 * 512)
        g_assert_cmpint (bytes[IMAGE_SIZE - 512], ==, 0); /* where the image's backup was */
      g_unlink (disk);
    }
  g_unlink (image);
}

/* Without a table, only an older one's backup must not come to life. */
static void
test_no_table (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autoptr (LodgeFlashSource) source = NULL;
  g_autoptr (GPtrArray) patches = NULL;
  const LodgeFlashPatch *last;
  int fd = g_file_open_tmp ("lodge-table-XXXXXX", &path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (ftruncate (fd, IMAGE_SIZE), ==, 0);
  g_assert_cmpint (pwrite (fd, "END", 3, IMAGE_SIZE - 3), ==, 3);
  source = lodge_flash_source_new (fd, path, &error);
  g_assert_no_error (error);
  patches = lodge_flash_patches (source, 32 * MEBIBYTE, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (patches->len, ==, 3);
  last = patches->pdata[1];
  g_assert_cmpuint (last->offset, ==, IMAGE_SIZE - MEBIBYTE);
  g_assert_cmpmem ((const char *)g_bytes_get_data (last->bytes, NULL) + MEBIBYTE - 3, 3, "END", 3);
  last = patches->pdata[2];
  g_assert_cmpuint (last->offset, ==, 31 * MEBIBYTE);
  for (gsize i = 0; i < MEBIBYTE; i++)
    g_assert_cmpint (((const char *)g_bytes_get_data (last->bytes, NULL))[i], ==, 0);
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flash-table/sizes", test_sizes);
  g_test_add_func ("/flash-table/no-table", test_no_table);
  return g_test_run ();
}
