/* Partition tables on image files: made and grown with real libparted, stopped after every write,
 * judged by libblkid and sgdisk. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier:
 * GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/run.h"
#include "firstboot/gpt.h"
#include "firstboot/partition-table.h"

#include <blkid/blkid.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MIB G_GUINT64_CONSTANT (1048576)

typedef struct
{
  char *path;
  int fd;
} Image;

/* An anonymous name would do, but sgdisk wants a path. */
static Image *
image_new (guint64 size)
{
  Image *image = g_new0 (Image, 1);
  g_autoptr (GError) error = NULL;

  image->fd = g_file_open_tmp ("lodge-test-XXXXXX.img", &image->path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ftruncate (image->fd, (off_t)size), ==, 0);
  return image;
}

static void
image_free (Image *image)
{
  close (image->fd);
  g_unlink (image->path);
  g_free (image->path);
  g_free (image);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Image, image_free)

static Image *
image_copy (const Image *from)
{
  Image *image = image_new (0);
  off_t size = lseek (from->fd, 0, SEEK_END);
  off_t offset = 0;

  g_assert_cmpint (ftruncate (image->fd, size), ==, 0);
  while ((offset = lseek (from->fd, offset, SEEK_DATA)) >= 0)
    {
      off_t hole = lseek (from->fd, offset, SEEK_HOLE);
      g_autofree guint8 *data = g_malloc ((gsize)(hole - offset));

      g_assert_cmpint (pread (from->fd, data, (gsize)(hole - offset), offset), ==, hole - offset);
      g_assert_cmpint (pwrite (image->fd, data, (gsize)(hole - offset), offset), ==, hole - offset);
      offset = hole;
    }
  return image;
}

/* The type of partition table that libblkid sees, or NULL. */
static char *
table_type (const Image *image, guint sector_size)
{
  blkid_probe probe = blkid_new_probe ();
  const char *type = NULL;
  char *copy;

  g_assert_cmpint (blkid_probe_set_device (probe, image->fd, 0, 0), ==, 0);
  blkid_probe_set_sectorsize (probe, sector_size);
  blkid_probe_enable_superblocks (probe, 0);
  blkid_probe_enable_partitions (probe, 1);
  if (blkid_do_fullprobe (probe) == 0)
    blkid_probe_lookup_value (probe, "PTTYPE", &type, NULL);
  copy = g_strdup (type);
  blkid_free_probe (probe);
  return copy;
}

static void
write_prefix (const Image *image, const GPtrArray *writes, guint count)
{
  for (guint i = 0; i < count; i++)
    {
      const LodgeSectorWrite *sector_write = writes->pdata[i];
      g_autoptr (GError) error = NULL;

      lodge_sectors_write (image->fd, sector_write->offset, sector_write->bytes, &error);
      g_assert_no_error (error);
    }
}

static void
test_create (gconstpointer data)
{
  guint sector_size = GPOINTER_TO_UINT (data);
  g_autoptr (Image) image = image_new (100 * MIB + 12345);
  g_autoptr (GError) error = NULL;
  LodgeExtent extent;
  g_autoptr (GPtrArray) writes = lodge_partition_table_create (100 * MIB + 12345, sector_size,
                                                               "lodge-storage", &extent, &error);
  g_autoptr (LodgeGpt) gpt = NULL;
  const LodgeGptEntry *entry;

  g_assert_no_error (error);
  g_assert_cmpuint (extent.start, ==, MIB);
  g_assert_cmpuint (extent.size, ==, 98 * MIB); /* the last whole MiB is lost to the backup table */

  for (guint i = 0; i < writes->len; i++)
    {
      g_autofree char *type = table_type (image, sector_size);

      g_assert_cmpstr (type, ==, NULL);
      write_prefix (image, writes, i + 1);
    }
  if (sector_size == 512)
    {
      g_autofree char *type = table_type (image, sector_size);

      g_assert_cmpstr (type, ==, "gpt");
    }

  gpt = lodge_gpt_read (image->fd, LODGE_GPT_PRIMARY_LBA, sector_size, &error);
  g_assert_no_error (error);
  entry = lodge_gpt_entry (gpt, 1);
  g_assert_cmpuint (GUINT64_FROM_LE (entry->first_lba) * sector_size, ==, extent.start);
  g_assert_cmpuint ((GUINT64_FROM_LE (entry->last_lba) + 1) * sector_size, ==,
                    extent.start + extent.size);
  g_assert_cmpmem (entry->name, 26, "l\0o\0d\0g\0e\0-\0s\0t\0o\0r\0a\0g\0e\0", 26);
}

static void
test_create_too_small (void)
{
  g_autoptr (GError) error = NULL;
  LodgeExtent extent;

  g_assert_null (lodge_partition_table_create (2 * MIB, 512, "lodge-storage", &extent, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
}

/* The image's layout (contract, "The image"), small, with what must survive: attributes, names,
 * GUIDs and boot code. */
static Image *
make_system_image (void)
{
  Image *image = image_new (64 * MIB);
  g_autoptr (GError) error = NULL;
  g_autofree char *output = lodge_run_list (
      &error, "sgdisk", "--set-alignment=2048", "--disk-guid=D0D0D0D0-1111-4222-8333-444444444444",
      "--new=1:2048:4095", "--typecode=1:21686148-6449-6E6F-744E-656564454649",
      "--change-name=1:bios", "--new=2:4096:20479",
      "--typecode=2:C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "--change-name=2:ESP",
      "--new=3:20480:40959", "--typecode=3:EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
      "--change-name=3:LODGE", "--attributes=3:set:63", "--new=4:40960:129023",
      "--typecode=4:4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", "--change-name=4:root",
      "--attributes=4:set:59", image->path, NULL);
  guint8 boot_code[440];

  g_assert_no_error (error);
  memset (boot_code, 0x90, sizeof boot_code);
  g_assert_cmpint (pwrite (image->fd, boot_code, sizeof boot_code, 0), ==, sizeof boot_code);
  return image;
}

/* What sgdisk says of a partition; its size and last sector left out on demand. */
static char *
partition_info (const Image *image, guint number, gboolean with_end)
{
  g_autofree char *option = g_strdup_printf ("--info=%u", number);
  g_autoptr (GError) error = NULL;
  g_autofree char *output = lodge_run_list (&error, "sgdisk", option, image->path, NULL);
  g_autoptr (GString) info = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  g_assert_no_error (error);
  lines = g_strsplit (output, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (with_end
        || (!g_str_has_prefix (*line, "Last sector")
            && !g_str_has_prefix (*line, "Partition size")))
      g_string_append_printf (info, "%s\n", *line);
  return g_string_free (g_steal_pointer (&info), FALSE);
}

static void
assert_same_but_end_of_4 (const Image *before, const Image *after)
{
  for (guint n = 1; n <= 4; n++)
    {
      g_autofree char *old_info = partition_info (before, n, n != 4);
      g_autofree char *new_info = partition_info (after, n, n != 4);

      g_assert_cmpstr (old_info, ==, new_info);
    }
}

static void
assert_clean (const Image *image)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *verdict = lodge_run_list (&error, "sgdisk", "--verify", image->path, NULL);

  g_assert_no_error (error);
  g_assert_nonnull (strstr (verdict, "No problems found"));
}

static GPtrArray *
plan_growth (const Image *image, LodgeExtent *before, LodgeExtent *after)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *writes = lodge_partition_table_grow (
      image->fd, (guint64)lseek (image->fd, 0, SEEK_END), 512, 4, before, after, &error);

  g_assert_no_error (error);
  return writes;
}

static void
grow (const Image *image)
{
  LodgeExtent before, after;
  g_autoptr (GPtrArray) writes = plan_growth (image, &before, &after);
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (GError) error = NULL;

  lodge_sector_writes_apply (writes, image->fd, &error);
  g_assert_no_error (error);
  again = plan_growth (image, &before, &after);
  g_assert_cmpuint (again->len, ==, 0);
  g_assert_cmpuint (before.size, ==, after.size);
}

static gboolean
skip_without_sgdisk (void)
{
  g_autofree char *sgdisk = g_find_program_in_path ("sgdisk");

  if (sgdisk == NULL)
    g_test_skip ("sgdisk (package gdisk) is not installed");
  return sgdisk == NULL;
}

static void
test_grow (void)
{
  g_autoptr (Image) small = NULL;
  g_autoptr (Image) image = NULL;
  g_autoptr (GPtrArray) writes = NULL;
  LodgeExtent before, after;
  guint8 head[1024 * 1024], old_head[1024 * 1024];

  if (skip_without_sgdisk ())
    return;
  small = make_system_image ();
  image = image_copy (small);
  g_assert_cmpint (ftruncate (image->fd, (off_t)(200 * MIB + 512 * 77)), ==, 0);
  writes = plan_growth (image, &before, &after);
  g_assert_cmpuint (writes->len, ==, 8);
  g_assert_cmpuint (before.start, ==, 20 * MIB);
  g_assert_cmpuint (before.start + before.size, ==, 63 * MIB);
  g_assert_cmpuint (after.start, ==, before.start);
  g_assert_cmpuint (after.start + after.size, ==, 200 * MIB);

  grow (image);
  assert_clean (image);
  assert_same_but_end_of_4 (small, image);
  g_assert_cmpint (pread (image->fd, head, sizeof head, 0), ==, sizeof head);
  g_assert_cmpint (pread (small->fd, old_head, sizeof old_head, 0), ==, sizeof old_head);
  g_assert_cmpmem (head, 446, old_head, 446);
  g_assert_cmpmem (head + 34 * 512, sizeof head - 34 * 512, old_head + 34 * 512,
                   sizeof head - 34 * 512);
}

/* After every write, and after a part of every write, the primary table must be valid and tell of
 * the old or the new partition; a second run must finish the work from there. */
static void
test_grow_interrupted (void)
{
  g_autoptr (Image) small = NULL;
  g_autoptr (GPtrArray) writes = NULL;
  LodgeExtent before, after;

  if (skip_without_sgdisk ())
    return;
  small = make_system_image ();
  g_assert_cmpint (ftruncate (small->fd, (off_t)(200 * MIB)), ==, 0);
  writes = plan_growth (small, &before, &after);
  g_assert_cmpuint (writes->len, ==, 8);

  for (guint i = 0; i < writes->len; i++)
    {
      const LodgeSectorWrite *next = writes->pdata[i];
      gsize sectors = g_bytes_get_size (next->bytes) / 512;

      for (gsize part = 0; part<sectors; part += sectors> 8 ? 7 : 1)
        {
          g_autoptr (Image) image = image_copy (small);
          g_autoptr (LodgeGpt) gpt = NULL;
          g_autoptr (GBytes) torn = g_bytes_new_from_bytes (next->bytes, 0, part * 512);
          g_autoptr (GError) error = NULL;
          guint64 end;

          write_prefix (image, writes, i);
          lodge_sectors_write (image->fd, next->offset, torn, &error);
          g_assert_no_error (error);

          gpt = lodge_gpt_read (image->fd, LODGE_GPT_PRIMARY_LBA, 512, &error);
          g_assert_no_error (error);
          end = (GUINT64_FROM_LE (lodge_gpt_entry (gpt, 4)->last_lba) + 1) * 512;
          g_assert_true (end == before.start + before.size || end == after.start + after.size);

          grow (image);
          assert_clean (image);
          assert_same_but_end_of_4 (small, image);
        }
    }
}

/* What the flasher leaves: the backup is at the device's end already. */
static void
test_grow_backup_moved (void)
{
  g_autoptr (Image) small = NULL;
  g_autoptr (Image) image = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  if (skip_without_sgdisk ())
    return;
  small = make_system_image ();
  image = image_copy (small);
  g_assert_cmpint (ftruncate (image->fd, (off_t)(100 * MIB)), ==, 0);
  output = lodge_run_list (&error, "sgdisk", "--move-second-header", image->path, NULL);
  g_assert_no_error (error);
  grow (image);
  assert_clean (image);
  assert_same_but_end_of_4 (small, image);
}

static void
assert_refused (const Image *image, guint number, const char *reason)
{
  g_autoptr (GError) error = NULL;
  LodgeExtent before, after;
  g_autoptr (GPtrArray) writes = lodge_partition_table_grow (
      image->fd, (guint64)lseek (image->fd, 0, SEEK_END), 512, number, &before, &after, &error);

  g_assert_null (writes);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, reason));
}

static void
test_grow_refused (void)
{
  g_autoptr (Image) image = NULL;
  const guint8 damage = 0xff;

  if (skip_without_sgdisk ())
    return;
  image = make_system_image ();
  assert_refused (image, 3, "partition 4 stands after it");
  assert_refused (image, 5, "no partition 5");
  assert_refused (image, 129, "no partition 129");
  g_assert_cmpint (ftruncate (image->fd, (off_t)(60 * MIB)), ==, 0);
  assert_refused (image, 4, "of a larger disk");
  g_assert_cmpint (pwrite (image->fd, &damage, 1, 2 * 512 + 56), ==, 1);
  assert_refused (image, 4, "entries' checksum is wrong");
  g_assert_cmpint (pwrite (image->fd, &damage, 1, 512 + 40), ==, 1);
  assert_refused (image, 4, "header's checksum is wrong");
  g_assert_cmpint (pwrite (image->fd, &damage, 1, 512), ==, 1);
  assert_refused (image, 4, "no GUID partition table");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/partition-table/create/512", GUINT_TO_POINTER (512), test_create);
  g_test_add_data_func ("/partition-table/create/4096", GUINT_TO_POINTER (4096), test_create);
  g_test_add_func ("/partition-table/create/too-small", test_create_too_small);
  g_test_add_func ("/partition-table/grow", test_grow);
  g_test_add_func ("/partition-table/grow/interrupted", test_grow_interrupted);
  g_test_add_func ("/partition-table/grow/backup-moved", test_grow_backup_moved);
  g_test_add_func ("/partition-table/grow/refused", test_grow_refused);
  return g_test_run ();
}
