/* What the disk writer does to the image file from outside, with the real sfdisk, mkfs.fat and
 * e2fsck. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/disk-private.h"
#include "builder/layout-gpt.h"
#include "builder/paths.h"
#include "builder/remove.h"
#include "common/error.h"
#include "common/run.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define ROOT "11111111-2222-5333-8444-555555555555"

typedef struct
{
  char *directory;
  char *image;
  LodgeTemplate template;
  LodgeBuildOptions options;
  LodgeBuildPlan plan;
  LodgeDisk disk;
} Fixture;

static void
run_program (const char *name, const char *first, const char *second, const char *third,
             const char *fourth, const char *fifth, const char *sixth)
{
  g_autofree char *program = lodge_paths_program (name);
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  g_assert_nonnull (program);
  output = lodge_run_list (&error, program, first, second, third, fourth, fifth, sixth, NULL);
  g_assert_no_error (error);
}

/* An image with a root file system in its place and nothing else, as the tree's maker leaves it. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  const LodgePartition *root = &fixture->plan.partitions[LODGE_PARTITION_ROOT];
  g_autofree char *offset = NULL;
  g_autofree char *size = NULL;
  int fd;

  (void)data;
  fixture->directory = g_dir_make_tmp ("lodge-test-XXXXXX", NULL);
  fixture->image = g_build_filename (fixture->directory, "disk.raw", NULL);
  fixture->template.os_name = (char *)"Test";
  fixture->plan.template = &fixture->template;
  fixture->plan.options = &fixture->options;
  fixture->plan.size = (guint64)2 << 30;
  lodge_layout_gpt (fixture->plan.size, fixture->plan.partitions);
  fixture->disk.plan = &fixture->plan;
  fixture->disk.build_hash = HASH;
  fixture->disk.root_uuid = ROOT;
  fixture->disk.esp_volume_id = 0x12345678;
  fixture->disk.lodge_volume_id = 0x9abcdef0;
  fd = open (fixture->image, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, (off_t)fixture->plan.size), ==, 0);
  close (fd);
  offset = g_strdup_printf ("-Eoffset=%" G_GUINT64_FORMAT ",lazy_itable_init=1", root->start);
  size = g_strdup_printf ("%" G_GUINT64_FORMAT "k", root->size / 1024);
  run_program ("mke2fs", "-qF", "-text4", "-U" ROOT, offset, fixture->image, size);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  g_assert_true (lodge_remove_tree (fixture->directory, NULL));
  g_free (fixture->directory);
  g_free (fixture->image);
}

static guint32
read_number (const Fixture *fixture, guint64 offset, gsize size)
{
  guint8 bytes[4] = { 0 };
  int fd = open (fixture->image, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (pread (fd, bytes, size, (off_t)offset), ==, size);
  close (fd);
  return (guint32)bytes[0] | (guint32)bytes[1] << 8 | (guint32)bytes[2] << 16
         | (guint32)bytes[3] << 24;
}

/* A FAT file system by Microsoft's specification: what Windows sees in its first sector. */
static void
expect_fat32 (const Fixture *fixture, LodgePartitionRole role, guint32 volume_id, const char *label)
{
  const LodgePartition *partition = &fixture->plan.partitions[role];
  guint64 start = partition->start;
  guint32 sectors_per_cluster = read_number (fixture, start + 13, 1);
  guint32 reserved = read_number (fixture, start + 14, 2);
  guint32 sectors = read_number (fixture, start + 32, 4);
  guint32 fat_sectors = read_number (fixture, start + 36, 4);
  char found[11];
  int fd = open (fixture->image, O_RDONLY | O_CLOEXEC);

  g_assert_cmpuint (read_number (fixture, start + 11, 2), ==, 512);
  g_assert_cmpuint (sectors, <=, partition->size / 512);
  g_assert_cmpuint (sectors, >, partition->size / 512 - 64); /* whole clusters */
  g_assert_cmpuint ((sectors - reserved - 2 * fat_sectors) / sectors_per_cluster, >=, 65525);
  g_assert_cmphex (read_number (fixture, start + 67, 4), ==, volume_id);
  g_assert_cmpint (pread (fd, found, sizeof found, (off_t)start + 71), ==, sizeof found);
  close (fd);
  g_assert_cmpmem (found, sizeof found, label, sizeof found);
}

/* The table is the plan's, the FAT file systems are FAT32 for everyone, the root is as it was, and
 * holes stay. */
static void
test_partition (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sfdisk = lodge_paths_program ("sfdisk");
  g_autofree char *disk_uuid = lodge_build_uuid (HASH, "disk");
  g_autofree char *upper = g_ascii_strup (disk_uuid, -1);
  g_autofree char *dump = NULL;
  struct stat status;

  (void)data;
  lodge_disk_partition (&fixture->disk, fixture->image, NULL, &error);
  g_assert_no_error (error);
  dump = lodge_run_list (&error, sfdisk, "--dump", fixture->image, NULL);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (dump, upper));
  g_assert_nonnull (strstr (dump, "start=        2048, size=        2048, "
                                  "type=21686148-6449-6E6F-744E-656564454649"));
  g_assert_nonnull (strstr (dump, "start=      528384, size=      131072, "
                                  "type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"));
  g_assert_nonnull (strstr (dump, "name=\"root\""));
  expect_fat32 (fixture, LODGE_PARTITION_ESP, 0x12345678, "ESP        ");
  expect_fat32 (fixture, LODGE_PARTITION_LODGE, 0x9abcdef0, "LODGE      ");
  lodge_disk_check_filesystem (&fixture->disk, fixture->image, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (stat (fixture->image, &status), ==, 0);
  g_assert_cmpint (status.st_size, ==, fixture->plan.size);
  g_assert_cmpint (status.st_blocks * 512, <,
                   48 * 1024 * 1024); /* ext4's journal is 32 MiB of it */
}

/* The same build gives the same bytes. */
static void
test_repeatable (Fixture *fixture, gconstpointer data)
{
  enum
  {
    SIZE = 8 * 1024 * 1024,
  };
  const guint64 offsets[] = { 0, fixture->plan.partitions[LODGE_PARTITION_LODGE].start };
  g_autofree guint8 *first = g_malloc (2 * SIZE);
  g_autofree guint8 *second = g_malloc (2 * SIZE);
  guint8 *rounds[] = { first, second };

  (void)data;
  for (gsize round = 0; round < G_N_ELEMENTS (rounds); round++)
    {
      g_autoptr (GError) error = NULL;
      int fd;

      lodge_disk_partition (&fixture->disk, fixture->image, NULL, &error);
      g_assert_no_error (error);
      fd = open (fixture->image, O_RDONLY | O_CLOEXEC);
      for (gsize i = 0; i < G_N_ELEMENTS (offsets); i++)
        g_assert_cmpint (pread (fd, rounds[round] + i * SIZE, SIZE, (off_t)offsets[i]), ==, SIZE);
      close (fd);
    }
  g_assert_cmpmem (first, 2 * SIZE, second, 2 * SIZE);
}

/* A root that does not hold together is found, and what is wrong with it is said. */
static void
test_damage (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_strdup_printf ("%s?offset=%" G_GUINT64_FORMAT, fixture->image,
                                           fixture->plan.partitions[LODGE_PARTITION_ROOT].start);

  (void)data;
  run_program ("debugfs", "-w", "-R", "clri <11>", file, NULL, NULL); /* lost+found's inode */
  g_assert_false (lodge_disk_check_filesystem (&fixture->disk, fixture->image, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "disk.raw is not in order: "));
  g_assert_null (strstr (error->message, "e2fsck 1.")); /* its version is not what is wrong */
}

static void
put (const Fixture *fixture, guint64 offset, const char *text)
{
  int fd = open (fixture->image, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (pwrite (fd, text, strlen (text), (off_t)offset), ==, strlen (text));
  close (fd);
}

/* GRUB in the first sector, or in its partition, alone is not enough. */
static void
test_boot_sectors (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  g_assert_false (lodge_disk_check_boot_sectors (&fixture->disk, fixture->image, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_clear_error (&error);
  put (fixture, 0x180, "GRUB ");
  g_assert_false (lodge_disk_check_boot_sectors (&fixture->disk, fixture->image, &error));
  g_clear_error (&error);
  put (fixture, fixture->plan.partitions[LODGE_PARTITION_BIOS].start, "core");
  lodge_disk_check_boot_sectors (&fixture->disk, fixture->image, &error);
  g_assert_no_error (error);
  put (fixture, 0x180, "xxxx ");
  g_assert_false (lodge_disk_check_boot_sectors (&fixture->disk, fixture->image, &error));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/disk/partition", Fixture, NULL, set_up, test_partition, tear_down);
  g_test_add ("/disk/repeatable", Fixture, NULL, set_up, test_repeatable, tear_down);
  g_test_add ("/disk/damage", Fixture, NULL, set_up, test_damage, tear_down);
  g_test_add ("/disk/boot-sectors", Fixture, NULL, set_up, test_boot_sectors, tear_down);
  return g_test_run ();
}
