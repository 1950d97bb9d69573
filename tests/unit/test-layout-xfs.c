/* The layout xfs from below: what is found on disks made with the real programs, what is wiped,
 * what becomes of the file system.  The step as a whole runs in tests/boot. Copyright (C) 2026 The
 * Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/run.h"
#include "firstboot/disk-state.h"
#include "firstboot/disk-wipe.h"
#include "firstboot/mount-unit.h"
#include "firstboot/system-log.h"
#include "firstboot/xfs.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define MIB G_GUINT64_CONSTANT (1048576)
#define SIZE (512 * MIB) /* mkfs.xfs makes nothing below 300 MiB */
#define UUID "11111111-2222-5333-8444-555555555555"

typedef struct
{
  char *path;
  int fd;
} Image;

static Image *
image_new (void)
{
  Image *image = g_new0 (Image, 1);
  g_autoptr (GError) error = NULL;

  image->fd = g_file_open_tmp ("lodge-test-XXXXXX.img", &image->path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ftruncate (image->fd, (off_t)SIZE), ==, 0);
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

static gboolean
have (const char *program)
{
  g_autofree char *path = g_find_program_in_path (program);
  g_autofree char *reason = g_strdup_printf ("%s is not installed", program);

  if (path == NULL)
    g_test_skip (reason);
  return path != NULL;
}

/* Runs a program that makes something on a disk; the last argument is NULL. */
static void G_GNUC_NULL_TERMINATED
make (const char *program, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  va_list arguments;

  va_start (arguments, program);
  for (const char *argument = program; argument != NULL; argument = va_arg (arguments, char *))
    g_ptr_array_add (argv, (gpointer)argument);
  va_end (arguments);
  g_ptr_array_add (argv, NULL);
  output = lodge_run ((const char *const *)argv->pdata, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
make_ext4 (const Image *image, const char *offset)
{
  g_autofree char *option = g_strconcat ("offset=", offset, NULL);

  make ("mke2fs", "-q", "-F", "-t", "ext4", "-E", option, image->path, "64M", NULL);
}

/* The writes of the table "lodge-storage", the first COUNT of them (or all) written. */
static LodgeExtent
write_table (const Image *image, guint count)
{
  g_autoptr (GError) error = NULL;
  LodgeExtent extent;
  g_autoptr (GPtrArray) writes
      = lodge_partition_table_create (SIZE, 512, LODGE_STORAGE_PARTITION_NAME, &extent, &error);

  g_assert_no_error (error);
  g_ptr_array_set_size (writes, (int)MIN (count, writes->len));
  g_assert_true (lodge_sector_writes_apply (writes, image->fd, &error));
  g_assert_no_error (error);
  return extent;
}

static LodgeDiskState *
read_state (const Image *image)
{
  g_autoptr (GError) error = NULL;
  LodgeDiskState *state = lodge_disk_state_read (image->fd, SIZE, 512, &error);

  g_assert_no_error (error);
  return state;
}

static void
assert_state (const Image *image, LodgeDiskStateKind kind, const char *what)
{
  g_autoptr (LodgeDiskState) state = read_state (image);

  g_assert_cmpint (state->kind, ==, kind);
  g_assert_cmpstr (state->what, ==, what);
}

/* The MiB at OFFSET, in which the kernel would look for partition tables. */
static void
assert_zeros (const Image *image, guint64 offset)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) found = lodge_sectors_read (image->fd, offset, (gsize)MIB, &error);
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 ((gsize)MIB), (gsize)MIB);

  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (found, zeros));
}

static void
wipe (const Image *image)
{
  g_autoptr (GError) error = NULL;

  lodge_wipe_signatures (image->fd, MIB, SIZE - MIB, 512, FALSE, &error);
  g_assert_no_error (error);
  lodge_wipe_signatures (image->fd, 0, SIZE, 512, TRUE, &error);
  g_assert_no_error (error);
  lodge_wipe_ends (image->fd, SIZE, &error);
  g_assert_no_error (error);
  assert_zeros (image, 0);
  assert_zeros (image, SIZE - MIB);
  /* Nothing that libblkid knows; what the signatures stood for may still be there as data. */
  g_autoptr (LodgeDiskState) state = read_state (image);
  g_assert_true (state->kind == LODGE_DISK_STATE_BLANK || state->kind == LODGE_DISK_STATE_DATA);
}

static void
test_blank (void)
{
  g_autoptr (Image) image = image_new ();

  assert_state (image, LODGE_DISK_STATE_BLANK, "");
}

static void
test_file_system (void)
{
  g_autoptr (Image) image = image_new ();

  if (!have ("mke2fs"))
    return;
  make_ext4 (image, "0");
  assert_state (image, LODGE_DISK_STATE_OTHER, "ext4");
  wipe (image);
}

/* ZFS has four labels, two of them at the end, and libblkid finds one magic at a time. */
static void
make_zfs (const Image *image)
{
  static const guint8 uberblock[]
      = { 0x0c, 0xb1, 0xba, 0, 0, 0, 0, 0, 0x88, 0x13, 0, 0, 0, 0, 0, 0 };
  static const guint64 labels[] = { 0, 256 * 1024, SIZE - 512 * 1024, SIZE - 256 * 1024 };

  for (gsize i = 0; i < G_N_ELEMENTS (labels); i++)
    for (guint j = 0; j < 8; j++)
      g_assert_cmpint (pwrite (image->fd, uberblock, sizeof uberblock,
                               (off_t)(labels[i] + 128 * 1024 + j * 1024)),
                       ==, sizeof uberblock);
}

static void
test_zfs (void)
{
  g_autoptr (Image) image = image_new ();

  make_zfs (image);
  assert_state (image, LODGE_DISK_STATE_OTHER, "zfs_member");
  wipe (image);
}

/* libblkid's safe probing answers "ambivalent" to these, blkid(8) nothing at all. */
static void
test_two_signatures (void)
{
  g_autoptr (Image) image = image_new ();

  if (!have ("mke2fs"))
    return;
  make_ext4 (image, "0");
  make_zfs (image);
  assert_state (image, LODGE_DISK_STATE_OTHER, "ext4, zfs_member");
  wipe (image);
}

static void
test_partitions (void)
{
  g_autoptr (Image) image = image_new ();
  static const guint8 zeros[512];

  if (!have ("sgdisk") || !have ("mke2fs"))
    return;
  make ("sgdisk", "--new=1:2048:200000", "--new=2:204800:400000", image->path, NULL);
  make_ext4 (image, "1048576");
  make_ext4 (image, "104857600");
  assert_state (image, LODGE_DISK_STATE_OTHER, "gpt");
  /* Without the protective MBR the kernel sees no table; it is one all the same. */
  g_assert_cmpint (pwrite (image->fd, zeros, sizeof zeros, 0), ==, sizeof zeros);
  assert_state (image, LODGE_DISK_STATE_OTHER, "gpt");
  /* Without the primary header too. */
  g_assert_cmpint (pwrite (image->fd, zeros, sizeof zeros, 512), ==, sizeof zeros);
  assert_state (image, LODGE_DISK_STATE_OTHER, "gpt");
  /* Without any: what is left of the first file system is data that nobody gave up. */
  g_assert_cmpint (pwrite (image->fd, zeros, sizeof zeros, SIZE - 512), ==, sizeof zeros);
  assert_state (image, LODGE_DISK_STATE_DATA, "");
  wipe (image);
}

/* Every state that a power cut can leave before the file system is begun. */
static void
test_own_table (void)
{
  static const LodgeDiskStateKind kinds[] = {
    LODGE_DISK_STATE_BLANK,         LODGE_DISK_STATE_STORAGE_EMPTY, LODGE_DISK_STATE_STORAGE_EMPTY,
    LODGE_DISK_STATE_STORAGE_EMPTY, LODGE_DISK_STATE_STORAGE_EMPTY, LODGE_DISK_STATE_STORAGE_EMPTY,
  };

  for (guint count = 0; count < G_N_ELEMENTS (kinds); count++)
    {
      g_autoptr (Image) image = image_new ();
      g_autoptr (LodgeDiskState) state = NULL;
      LodgeExtent extent = write_table (image, count);

      state = read_state (image);
      g_assert_cmpint (state->kind, ==, kinds[count]);
      if (state->kind == LODGE_DISK_STATE_BLANK)
        continue;
      g_assert_cmpuint (state->partition.start, ==, extent.start);
      g_assert_cmpuint (state->partition.size, ==, extent.size);
    }
}

static void
test_own_table_with_other_content (void)
{
  g_autoptr (Image) image = image_new ();

  if (!have ("mke2fs"))
    return;
  write_table (image, G_MAXUINT);
  make_ext4 (image, "1048576");
  assert_state (image, LODGE_DISK_STATE_OTHER, "gpt, ext4");
}

static void
test_more_partitions (void)
{
  g_autoptr (Image) image = image_new ();

  if (!have ("sgdisk"))
    return;
  make ("sgdisk", "--new=1:2048:200000", "--change-name=1:lodge-storage", "--new=2:204800:400000",
        image->path, NULL);
  assert_state (image, LODGE_DISK_STATE_OTHER, "gpt");
}

/* The partition of the image as a device of its own, or NULL (skipped). */
static char *
attach_partition (const Image *image, const LodgeExtent *extent)
{
  g_autofree char *offset = g_strdup_printf ("--offset=%" G_GUINT64_FORMAT, extent->start);
  g_autofree char *size = g_strdup_printf ("--sizelimit=%" G_GUINT64_FORMAT, extent->size);
  g_autoptr (GError) error = NULL;
  char *node;

  if (geteuid () != 0)
    {
      g_test_skip ("loop devices and mounts need root");
      return NULL;
    }
  node = lodge_run_list (&error, "losetup", "--find", "--show", offset, size, image->path, NULL);
  if (node == NULL)
    g_test_skip (error->message);
  return node;
}

static gboolean
holds_files (const char *node)
{
  g_autoptr (GError) error = NULL;
  gboolean holds = TRUE;

  lodge_xfs_holds_files (node, &holds, &error);
  g_assert_no_error (error);
  return holds;
}

/* As a VM's disk would be. */
static void
make_file (const char *node)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("lodge-test-XXXXXX", &error);
  g_autofree char *file = g_build_filename (directory, "guest.qcow2", NULL);

  g_assert_no_error (error);
  g_assert_cmpint (mount (node, directory, "xfs", 0, NULL), ==, 0);
  g_assert_true (g_file_set_contents (file, "disk", -1, &error));
  g_assert_cmpint (umount (directory), ==, 0);
  g_rmdir (directory);
}

static void
check_file_system (const Image *image, const char *node)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeDiskState) state = NULL;
  const guint8 in_progress = 1;
  const guint8 zeros[4096] = { 0 };
  int fd;

  g_assert_true (lodge_xfs_make (node, UUID, NULL, &error));
  g_assert_no_error (error);
  state = read_state (image);
  g_assert_cmpint (state->kind, ==, LODGE_DISK_STATE_STORAGE);
  g_assert_cmpstr (state->uuid, ==, UUID);
  /* mkfs.xfs is not forced: what is there is not overwritten by mistake. */
  g_assert_false (lodge_xfs_make (node, UUID, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);

  g_assert_false (holds_files (node));
  make_file (node);
  g_assert_true (holds_files (node));

  /* What a power cut during mkfs.xfs leaves: a superblock that says so, or lacking metadata. */
  fd = open (node, O_RDWR | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pwrite (fd, &in_progress, 1, 126), ==, 1); /* sb_inprogress */
  g_assert_cmpint (fsync (fd), ==, 0);
  g_assert_false (holds_files (node));
  g_assert_cmpint (pwrite (fd, zeros, 1, 126), ==, 1);
  g_assert_cmpint (pwrite (fd, zeros, 512, 512), ==, 512); /* the first group's free space */
  g_assert_cmpint (fsync (fd), ==, 0);
  close (fd);
  g_assert_false (holds_files (node));
}

static void
test_file_system_of_storage (void)
{
  g_autoptr (Image) image = image_new ();
  LodgeExtent extent = write_table (image, G_MAXUINT);
  g_autofree char *node = NULL;

  if (!have ("mkfs.xfs"))
    return;
  node = attach_partition (image, &extent);
  if (node == NULL)
    return;
  check_file_system (image, node);
  make ("losetup", "--detach", node, NULL);
}

/* The unit is the mark of a finished file system, so it is found for its own UUID alone. */
static void
test_mount_unit (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *root = g_dir_make_tmp ("lodge-test-XXXXXX", &error);
  g_autofree char *path = g_build_filename (root, "etc/systemd/system", LODGE_MOUNT_UNIT, NULL);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  g_assert_false (lodge_mount_unit_is_for (root, UUID));
  g_assert_true (lodge_mount_unit_write (root, UUID, &error));
  g_assert_no_error (error);
  g_assert_true (lodge_mount_unit_is_for (root, UUID));
  g_assert_false (lodge_mount_unit_is_for (root, "11111111-2222-5333-8444-555555555556"));
  g_assert_false (lodge_mount_unit_is_for (root, "1111"));
  g_assert_true (g_file_get_contents (path, &text, NULL, &error));
  g_assert_nonnull (strstr (text, "\nOptions=nofail,"));
  make ("rm", "-r", root, NULL);
}

/* systemd takes the units as they are. */
static void
test_units_verify (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *root = NULL;
  g_autofree char *log_path = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *pattern = NULL;
  g_autofree char *complaint = NULL;

  if (!have ("systemd-analyze"))
    return;
  root = g_dir_make_tmp ("lodge-test-XXXXXX", &error);
  directory = g_build_filename (root, "etc/systemd/system", NULL);
  log_path = g_build_filename (directory, "lodge-log.service", NULL);
  pattern = g_build_filename (directory, LODGE_MOUNT_UNIT, NULL);
  g_assert_true (lodge_mount_unit_write (root, UUID, &error));
  g_assert_true (g_file_set_contents (log_path, lodge_system_log_unit_text (), -1, &error));
  complaint = lodge_run_list (&error, "systemd-analyze", "verify", "--man=no",
                              "--recursive-errors=no", pattern, log_path, NULL);
  g_assert_no_error (error);
  g_assert_cmpstr (complaint, ==, "");
  make ("rm", "-r", root, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout-xfs/blank", test_blank);
  g_test_add_func ("/layout-xfs/file-system", test_file_system);
  g_test_add_func ("/layout-xfs/zfs", test_zfs);
  g_test_add_func ("/layout-xfs/two-signatures", test_two_signatures);
  g_test_add_func ("/layout-xfs/partitions", test_partitions);
  g_test_add_func ("/layout-xfs/own-table", test_own_table);
  g_test_add_func ("/layout-xfs/own-table-other-content", test_own_table_with_other_content);
  g_test_add_func ("/layout-xfs/more-partitions", test_more_partitions);
  g_test_add_func ("/layout-xfs/own-file-system", test_file_system_of_storage);
  g_test_add_func ("/layout-xfs/mount-unit", test_mount_unit);
  g_test_add_func ("/layout-xfs/units-verify", test_units_verify);
  return g_test_run ();
}
