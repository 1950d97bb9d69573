/* Output formats, with the real qemu-img.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/format.h"
#include "builder/remove.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  SIZE = 64 * 1024 * 1024,
};

typedef struct
{
  char *directory;
  char *raw;
  char *output;
  LodgeFormatSource source;
} Fixture;

/* A sparse disk with data at its beginning, in its middle and at its end. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const off_t offsets[] = { 0, SIZE / 2, SIZE - 4096 };
  int fd;

  (void)data;
  fixture->directory = g_dir_make_tmp ("lodge-test-XXXXXX", NULL);
  fixture->raw = g_build_filename (fixture->directory, "disk.raw", NULL);
  fixture->output = g_build_filename (fixture->directory, "output", NULL);
  fd = open (fixture->raw, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, SIZE), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (offsets); i++)
    {
      char block[4096];

      memset (block, 'a' + (int)i, sizeof block);
      g_assert_cmpint (pwrite (fd, block, sizeof block, offsets[i]), ==, sizeof block);
    }
  close (fd);
  fixture->source = (LodgeFormatSource){
    .raw = fixture->raw,
    .build_hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  g_assert_true (lodge_remove_tree (fixture->directory, NULL));
  g_free (fixture->directory);
  g_free (fixture->raw);
  g_free (fixture->output);
}

static void
expect_same (const char *one, const char *two)
{
  g_autofree char *first = lodge_file_sha256 (one, NULL);
  g_autofree char *second = lodge_file_sha256 (two, NULL);

  g_assert_nonnull (first);
  g_assert_cmpstr (first, ==, second);
}

static void
test_table (void)
{
  g_autofree char *names = lodge_format_names ();

  g_assert_cmpstr (names, ==, "raw, raw.zst, qcow2, vmdk, ova");
  g_assert_cmpstr (lodge_format_find ("qcow2")->suffix, ==, ".qcow2");
  g_assert_null (lodge_format_find ("QCOW2"));
  g_assert_null (lodge_format_find (""));
}

/* On one file system: a second name; what was there before is replaced. */
static void
test_raw_link (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  struct stat raw;
  struct stat output;

  (void)data;
  g_assert_true (g_file_set_contents (fixture->output, "old", -1, NULL));
  lodge_format_raw_write (&fixture->source, fixture->output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (stat (fixture->raw, &raw), ==, 0);
  g_assert_cmpint (stat (fixture->output, &output), ==, 0);
  g_assert_cmpuint (raw.st_ino, ==, output.st_ino);
}

/* On another file system (/dev/shm): a copy, with the holes. */
static void
test_raw_copy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_strdup_printf ("/dev/shm/lodge-test-%d", (int)getpid ());
  struct stat here;
  struct stat there;
  struct stat output;

  (void)data;
  if (stat (fixture->directory, &here) != 0 || stat ("/dev/shm", &there) != 0
      || here.st_dev == there.st_dev)
    {
      g_test_skip ("/dev/shm is not another file system");
      return;
    }
  lodge_format_raw_write (&fixture->source, path, NULL, NULL, &error);
  g_assert_no_error (error);
  expect_same (fixture->raw, path);
  g_assert_cmpint (stat (path, &output), ==, 0);
  g_assert_cmpint (output.st_size, ==, SIZE);
  g_assert_cmpint (output.st_blocks * 512, <, 1024 * 1024);
  g_assert_cmpint (g_unlink (path), ==, 0);

  {
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();

    g_cancellable_cancel (cancellable);
    g_assert_false (lodge_format_raw_write (&fixture->source, path, NULL, cancellable, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  }
}

/* In a mount namespace of our own, which is gone with the process. */
static void
copy_into_small (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *small = g_build_filename (fixture->directory, "small", NULL);
  g_autofree char *path = g_build_filename (small, "copy.raw", NULL);
  g_autofree char *data = g_malloc0 (1024 * 1024);
  int fd = open (fixture->raw, O_WRONLY | O_CLOEXEC);

  memset (data, 'x', 1024 * 1024);
  g_assert_cmpint (pwrite (fd, data, 1024 * 1024, SIZE / 2), ==, 1024 * 1024);
  close (fd);
  g_assert_cmpint (g_mkdir (small, 0700), ==, 0);
  if (unshare (geteuid () == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0
      || mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
      || mount ("none", small, "tmpfs", 0, "size=64k") != 0)
    {
      g_test_skip ("a mount namespace cannot be made here");
      return;
    }
  g_assert_false (lodge_format_raw_write (&fixture->source, path, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, g_strerror (ENOSPC)));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_cmpint (umount (small), ==, 0);
}

/* A disk that becomes full says so: the kernel writes as far as there is room, and why it did not
 * go on only at the next write. */
static void
test_raw_no_room (Fixture *fixture, gconstpointer data)
{
  (void)data;
  if (g_test_subprocess ())
    {
      copy_into_small (fixture);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

static void
test_qcow2 (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *back = g_build_filename (fixture->directory, "back", NULL);
  g_autofree char *output = NULL;
  struct stat status;

  (void)data;
  lodge_format_qcow2_write (&fixture->source, fixture->output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (stat (fixture->output, &status), ==, 0);
  g_assert_cmpint (status.st_size, <, 1024 * 1024);
  output = lodge_run_list (&error, "qemu-img", "convert", "-f", "qcow2", "-O", "raw",
                           fixture->output, back, NULL);
  g_assert_no_error (error);
  expect_same (fixture->raw, back);
}

static void
test_qcow2_failures (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *nowhere = g_build_filename (fixture->directory, "missing", "x.qcow2", NULL);

  (void)data;
  g_assert_false (lodge_format_qcow2_write (&fixture->source, nowhere, NULL, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "No such file or directory"));
  g_clear_error (&error);

  g_cancellable_cancel (cancellable);
  g_assert_false (
      lodge_format_qcow2_write (&fixture->source, fixture->output, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_file_test (fixture->output, G_FILE_TEST_EXISTS));
}

/* One frame with the size and a checksum of what is in it (RFC 8878, "Frame Header Descriptor"). */
static void
test_zst (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *back = g_build_filename (fixture->directory, "back", NULL);
  g_autofree char *output = NULL;
  g_autofree char *bytes = NULL;
  gsize length;

  (void)data;
  g_assert_true (g_file_set_contents (fixture->output, "old", -1, NULL));
  lodge_format_zst_write (&fixture->source, fixture->output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (fixture->output, &bytes, &length, NULL));
  g_assert_cmpuint (length, <, 64 * 1024);
  g_assert_cmpmem (bytes, 4, "\x28\xb5\x2f\xfd", 4);
  g_assert_cmpuint (bytes[4] & 0x04, !=, 0);
  g_assert_cmpuint (bytes[4] & 0xc0, !=, 0);
  output = lodge_run_list (&error, "zstd", "-q", "-d", "-o", back, fixture->output, NULL);
  g_assert_no_error (error);
  expect_same (fixture->raw, back);
}

static void
test_zst_failures (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *nowhere = g_build_filename (fixture->directory, "missing", "x.raw.zst", NULL);

  (void)data;
  g_assert_false (lodge_format_zst_write (&fixture->source, nowhere, NULL, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "No such file or directory"));
  g_clear_error (&error);

  g_cancellable_cancel (cancellable);
  g_assert_false (
      lodge_format_zst_write (&fixture->source, fixture->output, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_file_test (fixture->output, G_FILE_TEST_EXISTS));
}

static void
expect_back (const Fixture *fixture, const char *format)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = lodge_run_list (&error, "qemu-img", "compare", "-f", "raw", "-F",
                                            format, fixture->raw, fixture->output, NULL);

  g_assert_no_error (error);
}

/* The disk's own bytes, in a file that is made alike under any name. */
static void
test_vmdk (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *second = g_build_filename (fixture->directory, "of-another-name", NULL);
  g_autofree char *info = NULL;
  struct stat status;

  (void)data;
  lodge_format_vmdk_write (&fixture->source, fixture->output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (stat (fixture->output, &status), ==, 0);
  g_assert_cmpint (status.st_size, <, 1024 * 1024);
  expect_back (fixture, "vmdk");
  info = lodge_run_list (&error, "qemu-img", "info", "--output=json", fixture->output, NULL);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (info, "\"create-type\": \"streamOptimized\""));
  /* 0x01234567 of the build's hash. */
  g_assert_nonnull (strstr (info, "\"cid\": 19088743"));

  lodge_format_vmdk_write (&fixture->source, second, NULL, NULL, &error);
  g_assert_no_error (error);
  expect_same (fixture->output, second);
}

/* A disk that is no whole number of grains, and one of nothing. */
static void
test_vmdk_sizes (Fixture *fixture, gconstpointer data)
{
  static const off_t sizes[] = { 512, 65536, 65536 + 512, SIZE - 512, 4 * SIZE };

  (void)data;
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (truncate (fixture->raw, sizes[i]), ==, 0);
      lodge_format_vmdk_write (&fixture->source, fixture->output, NULL, NULL, &error);
      g_assert_no_error (error);
      expect_back (fixture, "vmdk");
    }
  g_assert_cmpint (truncate (fixture->raw, 1000), ==, 0);
  g_assert_false (lodge_format_vmdk_write (&fixture->source, fixture->output, NULL, NULL, NULL));
  g_assert_false (g_file_test (fixture->output, G_FILE_TEST_EXISTS));
}

static void
test_vmdk_descriptor (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[] = {
    "version=1",
    "CID=efffffff",
    "parentCID=ffffffff",
    "createType=\"streamOptimized\"",
    "RW 131072 SPARSE \"disk.vmdk\"",
    "ddb.longContentID = \"aaaaaaaabbbbbbbbccccccccefffffff\"",
    "ddb.adapterType = \"lsilogic\"",
    "ddb.virtualHWVersion = \"" LODGE_VMWARE_HARDWARE "\"",
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;
  g_auto (GStrv) words = NULL;

  (void)data;
  /* That number is taken. */
  fixture->source.build_hash = "ffffffffaaaaaaaabbbbbbbbcccccccc";
  lodge_format_vmdk_write (&fixture->source, fixture->output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (fixture->output, &bytes, NULL, NULL));
  words = g_strsplit (bytes + 512, "\n", -1);
  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    if (!g_strv_contains ((const char *const *)words, lines[i]))
      g_error ("the descriptor has no line %s:\n%s", lines[i], bytes + 512);
}

static void
test_vmdk_failures (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  (void)data;
  g_cancellable_cancel (cancellable);
  g_assert_false (
      lodge_format_vmdk_write (&fixture->source, fixture->output, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_file_test (fixture->output, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN); /* as lodge does */
  g_test_add_func ("/format/table", test_table);
  g_test_add ("/format/raw/link", Fixture, NULL, set_up, test_raw_link, tear_down);
  g_test_add ("/format/raw/copy", Fixture, NULL, set_up, test_raw_copy, tear_down);
  g_test_add ("/format/raw/no-room", Fixture, NULL, set_up, test_raw_no_room, tear_down);
  g_test_add ("/format/qcow2/convert", Fixture, NULL, set_up, test_qcow2, tear_down);
  g_test_add ("/format/qcow2/failures", Fixture, NULL, set_up, test_qcow2_failures, tear_down);
  g_test_add ("/format/zst/compress", Fixture, NULL, set_up, test_zst, tear_down);
  g_test_add ("/format/zst/failures", Fixture, NULL, set_up, test_zst_failures, tear_down);
  g_test_add ("/format/vmdk/convert", Fixture, NULL, set_up, test_vmdk, tear_down);
  g_test_add ("/format/vmdk/sizes", Fixture, NULL, set_up, test_vmdk_sizes, tear_down);
  g_test_add ("/format/vmdk/descriptor", Fixture, NULL, set_up, test_vmdk_descriptor, tear_down);
  g_test_add ("/format/vmdk/failures", Fixture, NULL, set_up, test_vmdk_failures, tear_down);
  return g_test_run ();
}
