/* The proof guest's initramfs and what is read off its console.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/proof-guest.h"
#include "firstboot/proof-initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/stat.h>
#include <glib/gstdio.h>
#include "common/file.h"

/* Reads the archive back with a reader that was not told what to expect. */
static void
test_initramfs (void)
{
  static const char init[] = "#!not really a program\0with a NUL";
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("lodge-test-XXXXXX", &error);
  g_autofree char *path = g_build_filename (directory, "initramfs", NULL);
  struct archive *archive = archive_read_new ();
  struct archive_entry *entry;
  char content[sizeof init];

  g_assert_no_error (error);
  lodge_proof_initramfs_write (path, init, sizeof init, &error);
  g_assert_no_error (error);

  archive_read_support_format_cpio (archive);
  g_assert_cmpint (archive_read_open_filename (archive, path, 4096), ==, ARCHIVE_OK);

  g_assert_cmpint (archive_read_next_header (archive, &entry), ==, ARCHIVE_OK);
  g_assert_cmpint (archive_format (archive), ==, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC); /* "newc" */
  g_assert_cmpstr (archive_entry_pathname (entry), ==, "dev");
  g_assert_cmpint (archive_entry_mode (entry), ==, S_IFDIR | 0755);

  g_assert_cmpint (archive_read_next_header (archive, &entry), ==, ARCHIVE_OK);
  g_assert_cmpstr (archive_entry_pathname (entry), ==, "dev/console");
  g_assert_cmpint (archive_entry_mode (entry), ==, S_IFCHR | 0600);
  g_assert_cmpint (archive_entry_rdevmajor (entry), ==, 5);
  g_assert_cmpint (archive_entry_rdevminor (entry), ==, 1);

  g_assert_cmpint (archive_read_next_header (archive, &entry), ==, ARCHIVE_OK);
  g_assert_cmpstr (archive_entry_pathname (entry), ==, "init");
  g_assert_cmpint (archive_entry_mode (entry), ==, S_IFREG | 0755);
  g_assert_cmpint (archive_entry_uid (entry), ==, 0);
  g_assert_cmpint (archive_read_data (archive, content, sizeof content), ==, sizeof init);
  g_assert_cmpmem (content, sizeof content, init, sizeof init);
  g_assert_cmpint (archive_read_next_header (archive, &entry), ==, ARCHIVE_EOF);
  archive_read_free (archive);

  g_unlink (path);
  g_rmdir (directory);
}

/* The same input gives the same bytes, and a place that cannot be written to an error. */
static void
test_initramfs_again (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("lodge-test-XXXXXX", &error);
  g_autofree char *first = g_build_filename (directory, "1", NULL);
  g_autofree char *second = g_build_filename (directory, "2", NULL);
  g_autofree char *nowhere = g_build_filename (directory, "absent", "3", NULL);
  g_autofree char *a = NULL;
  g_autofree char *b = NULL;

  g_assert_true (lodge_proof_initramfs_write (first, "x", 1, &error));
  g_assert_true (lodge_proof_initramfs_write (second, "x", 1, &error));
  a = lodge_file_sha256 (first, &error);
  b = lodge_file_sha256 (second, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (a, ==, b);
  g_assert_false (lodge_proof_initramfs_write (nowhere, "x", 1, &error));
  g_assert_nonnull (strstr (error->message, nowhere));

  g_unlink (first);
  g_unlink (second);
  g_rmdir (directory);
}

static void
test_line (void)
{
  char hypervisor[13];

  g_assert_true (lodge_proof_find_line (
      "[ 1.0] noise\r\nlodge-proof: guest is alive, hypervisor KVMKVMKVM, Linux 6.12\r\n",
      hypervisor));
  g_assert_cmpstr (hypervisor, ==, "KVMKVMKVM");
  g_assert_true (lodge_proof_find_line (
      "lodge-proof: guest is alive, hypervisor TCGTCGTCGTCG, Linux 6.12\n", hypervisor));
  g_assert_cmpstr (hypervisor, ==, "TCGTCGTCGTCG");
  /* Half a line may yet become another hypervisor. */
  g_assert_false (
      lodge_proof_find_line ("lodge-proof: guest is alive, hypervisor KVM", hypervisor));
  g_assert_false (lodge_proof_find_line (
      "lodge-proof: guest is alive, hypervisor ABCDEFGHIJKLM, Linux\n", hypervisor));
  g_assert_false (lodge_proof_find_line ("", hypervisor));
}

static void
test_last_words (void)
{
  g_autofree char *none = lodge_proof_last_words ("\r\n \r\n");
  g_autofree char *few = lodge_proof_last_words ("one\r\n\r\ntwo\033[0m\r\n");
  g_autofree char *many = lodge_proof_last_words ("1\n2\n3\n4\n5\n");
  g_autofree char *panic
      = lodge_proof_last_words ("Failed to execute /init\nKernel panic - not syncing: No "
                                "init\nCall Trace:\n a\n b\n c\n d\n");

  g_assert_cmpstr (none, ==, "nothing");
  g_assert_cmpstr (few, ==, "one / two?[0m");
  g_assert_cmpstr (many, ==, "2 / 3 / 4 / 5");
  g_assert_cmpstr (panic, ==, "Failed to execute /init / Kernel panic - not syncing: No init");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proof/initramfs", test_initramfs);
  g_test_add_func ("/proof/initramfs-again", test_initramfs_again);
  g_test_add_func ("/proof/line", test_line);
  g_test_add_func ("/proof/last-words", test_last_words);
  return g_test_run ();
}
