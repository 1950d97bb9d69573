/* lodge boot: QEMU's command line, added disks, firmware descriptions, image formats.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/boot-arguments.h"
#include "builder/boot-files.h"
#include "builder/image-format.h"
#include "builder/remove.h"
#include "common/error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
disk_free (gpointer data)
{
  lodge_boot_disk_free (data);
}

/* One line for each option with its value. */
static char *
describe (const LodgeBootMachine *machine)
{
  g_autoptr (GPtrArray) arguments = lodge_boot_arguments (machine);
  GString *text = g_string_new (NULL);

  g_assert_null (g_ptr_array_index (arguments, arguments->len - 1));
  for (guint i = 0; i + 1 < arguments->len; i++)
    {
      const char *argument = g_ptr_array_index (arguments, i);

      g_string_append_printf (text, "%s%s", i == 0 ? "" : *argument == '-' ? "\n" : " ", argument);
    }
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

static void
test_plain (void)
{
  static const char expected[]
      = "/usr/bin/qemu-system-x86_64\n"
        "-nodefaults\n"
        "-no-user-config\n"
        "-machine q35,smbios-entry-point-type=64\n"
        "-accel tcg,thread=multi\n"
        "-cpu max\n"
        "-smp 1\n"
        "-m 4096M\n"
        "-drive if=none,id=image,format=raw,snapshot=on,file=/images/kvm-host.raw\n"
        "-device virtio-blk-pci,drive=image,bootindex=0\n"
        "-netdev user,id=lan,hostfwd=tcp:127.0.0.1:40022-:22\n"
        "-device virtio-net-pci,netdev=lan\n"
        "-device virtio-rng-pci\n"
        "-vga std\n"
        "-display none\n"
        "-chardev stdio,id=terminal,mux=on,signal=off\n"
        "-serial chardev:terminal\n"
        "-mon chardev=terminal,mode=readline\n";
  const LodgeBootMachine machine = {
    .emulator = "/usr/bin/qemu-system-x86_64",
    .processors = 2,
    .memory = (guint64)4 << 30,
    .image = "/images/kvm-host.raw",
    .image_format = "raw",
    .answers_fd = -1,
    .ssh_port = 40022,
  };
  g_autofree char *text = describe (&machine);

  g_assert_cmpstr (text, ==, expected);
}

/* QEMU would look for a protocol "nbd". */
static void
test_colon (void)
{
  const LodgeBootMachine machine = {
    .emulator = "/usr/bin/qemu-system-x86_64",
    .image = "nbd:host.raw",
    .image_format = "raw",
    .answers_fd = -1,
  };
  g_autofree char *text = describe (&machine);
  g_autofree char *path = g_canonicalize_filename ("nbd:host.raw", NULL);
  g_autofree char *expected = g_strconcat ("snapshot=on,file=", path, "\n", NULL);

  g_assert_true (g_path_is_absolute (path));
  g_assert_nonnull (strstr (text, expected));
}

static void
test_everything (void)
{
  static const char expected[]
      = "/usr/libexec/qemu-kvm\n"
        "-nodefaults\n"
        "-no-user-config\n"
        "-machine q35,smbios-entry-point-type=64,smm=on\n"
        "-accel kvm\n"
        "-cpu host\n"
        "-smp 4\n"
        "-m 1024M\n"
        "-global driver=cfi.pflash01,property=secure,value=on\n"
        "-global ICH9-LPC.disable_s3=1\n"
        "-drive if=pflash,unit=0,format=qcow2,readonly=on,file=/fw/a,,b.fd\n"
        "-drive if=pflash,unit=1,format=raw,file=/dev/fd/7\n"
        "-drive if=none,id=image,format=qcow2,snapshot=on,file=/a,,b/x.qcow2\n"
        "-device qemu-xhci\n"
        "-device usb-storage,drive=image,bootindex=0\n"
        "-drive if=none,id=disk0,format=raw,discard=unmap,file=/dev/fd/8\n"
        "-device virtio-blk-pci,drive=disk0,serial=VMS1\n"
        "-drive if=none,id=disk1,format=raw,discard=unmap,file=/dev/fd/9\n"
        "-device virtio-blk-pci,drive=disk1\n"
        "-device virtio-scsi-pci\n"
        "-drive if=none,id=disk2,format=raw,discard=unmap,file=/dev/fd/10\n"
        "-device scsi-hd,drive=disk2,serial=a-serial-of-21-letter\n"
        "-drive if=none,id=disk3,format=raw,discard=unmap,file=/dev/fd/11\n"
        "-device scsi-hd,drive=disk3,serial=another-serial-of-24-lette\n"
        "-netdev user,id=lan,hostfwd=tcp:127.0.0.1:40022-:22,restrict=on\n"
        "-device virtio-net-pci,netdev=lan\n"
        "-device virtio-rng-pci\n"
        "-smbios type=11,path=/dev/fd/12\n"
        "-vga std\n"
        "-chardev stdio,id=terminal,mux=on,signal=off\n"
        "-serial chardev:terminal\n"
        "-mon chardev=terminal,mode=readline\n";
  static const char *const words[] = { "8G,serial=VMS1", "4G", "1G,serial=a-serial-of-21-letter",
                                       "1G,serial=another-serial-of-24-lette" };
  const LodgeFirmware firmware = {
    .code = (char *)"/fw/a,b.fd",
    .code_format = (char *)"qcow2",
    .variables = (char *)"/fw/vars.fd",
    .variables_format = (char *)"raw",
    .needs_smm = TRUE,
  };
  g_autoptr (GPtrArray) disks = g_ptr_array_new_with_free_func (disk_free);
  const LodgeBootMachine machine = {
    .emulator = "/usr/libexec/qemu-kvm",
    .kvm = TRUE,
    .processors = 4,
    .memory = (guint64)1 << 30,
    .image = "/a,b/x.qcow2",
    .image_format = "qcow2",
    .usb = TRUE,
    .firmware = &firmware,
    .variables_fd = 7,
    .disks = disks,
    .answers_fd = 12,
    .ssh_port = 40022,
    .restricted = TRUE,
    .graphic = TRUE,
  };
  g_autofree char *text = NULL;

  for (int i = 0; i < (int)G_N_ELEMENTS (words); i++)
    {
      g_autoptr (GError) error = NULL;
      LodgeBootDisk *disk = lodge_boot_disk_parse (words[i], &error);

      g_assert_no_error (error);
      disk->fd = 8 + i;
      g_ptr_array_add (disks, disk);
    }
  text = describe (&machine);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_disk_words (void)
{
  static const char *const bad[] = { "",
                                     "4",
                                     "x",
                                     "-4G",
                                     "4G,",
                                     "4G,serial=",
                                     "4G,size=1",
                                     "4G,serial=a b",
                                     "4G,serial=a;b",
                                     "4G,serial=a,serial=b",
                                     "4G,serial=0123456789012345678901234567890123456" };
  g_autoptr (GError) none = NULL;
  g_autoptr (LodgeBootDisk) good = lodge_boot_disk_parse ("512M,serial=WD-1_2.3:4+5", &none);

  g_assert_no_error (none);
  g_assert_cmpuint (good->size, ==, (guint64)512 << 20);
  g_assert_cmpstr (good->serial, ==, "WD-1_2.3:4+5");
  g_assert_cmpint (good->fd, ==, -1);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeBootDisk) disk = NULL;

      disk = lodge_boot_disk_parse (bad[i], &error);
      g_assert_null (disk);
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
      g_assert_true (g_str_has_prefix (error->message, "--disk"));
    }
}

/* A disk that is there: never written to, in the format that it has. */
static void
test_disk_images (void)
{
  g_autofree char *directory = g_dir_make_tmp ("lodge-test-XXXXXX", NULL);
  g_autofree char *raw = g_build_filename (directory, "a,b:c.raw", NULL);
  g_autofree char *qcow2 = g_build_filename (directory, "d,serial=e.qcow2", NULL);
  g_autofree char *text = g_build_filename (directory, "text", NULL);
  g_autofree char *named = g_strconcat (raw, ",serial=S1", NULL);
  g_autofree char *other = g_strconcat (qcow2, ",serial=a-serial-of-21-letter", NULL);
  const char *const words[] = { named, other, raw };
  g_autofree char *missing = g_strconcat (raw, "x,serial=S1", NULL);
  g_autofree char *odd = g_strconcat (raw, ",serial=a b", NULL);
  g_autofree char *expected = g_strdup_printf (
      "-drive if=none,id=disk0,format=raw,snapshot=on,file=%s/a,,b:c.raw\n"
      "-device virtio-blk-pci,drive=disk0,serial=S1\n"
      "-device virtio-scsi-pci\n"
      "-drive if=none,id=disk1,format=qcow2,snapshot=on,file=%s/d,,serial=e.qcow2\n"
      "-device scsi-hd,drive=disk1,serial=a-serial-of-21-letter\n"
      "-drive if=none,id=disk2,format=raw,snapshot=on,file=%s/a,,b:c.raw\n"
      "-device virtio-blk-pci,drive=disk2\n",
      directory, directory, directory);
  const struct
  {
    const char *word;
    const char *message;
  } bad[] = {
    { missing, "a,b:c.rawx\" is neither a size nor a file that is there; write" },
    { odd, "--disk: the serial number \"a b\"" },
    { text, "text is not a disk image" },
    { directory, "is not a file" },
  };
  g_autoptr (GPtrArray) disks = g_ptr_array_new_with_free_func (disk_free);
  const LodgeBootMachine machine = {
    .emulator = "/usr/bin/qemu-system-x86_64",
    .image = "/images/kvm-host.raw",
    .image_format = "raw",
    .disks = disks,
    .answers_fd = -1,
  };
  g_autofree char *description = NULL;
  char content[1024] = "";

  g_assert_true (g_file_set_contents (text, content, sizeof content, NULL));
  content[510] = 0x55;
  content[511] = (char)0xaa;
  g_assert_true (g_file_set_contents (raw, content, sizeof content, NULL));
  memcpy (content, "QFI\xfb", 4);
  g_assert_true (g_file_set_contents (qcow2, content, sizeof content, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autoptr (GError) error = NULL;
      LodgeBootDisk *disk = lodge_boot_disk_parse (words[i], &error);

      g_assert_no_error (error);
      g_ptr_array_add (disks, disk);
    }
  description = describe (&machine);
  g_assert_nonnull (strstr (description, expected));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (lodge_boot_disk_parse (bad[i].word, &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
      g_assert_true (g_str_has_prefix (error->message, "--disk: "));
      g_assert_nonnull (strstr (error->message, bad[i].message));
    }
  g_assert_true (lodge_remove_tree (directory, NULL));
}

/* Machines' files have no name, and the size and content that were asked for. */
static void
test_files (void)
{
  g_autoptr (GError) error = NULL;
  char text[128] = "";
  struct stat status;
  int fd = lodge_boot_file_blank ((guint64)3 << 30, &error);

  g_assert_no_error (error);
  g_assert_cmpint (fstat (fd, &status), ==, 0);
  g_assert_cmpint (status.st_size, ==, (gint64)3 << 30);
  g_assert_cmpint (status.st_nlink, ==, 0);
  g_assert_cmpint (status.st_blocks, ==, 0);
  close (fd);

  fd = lodge_boot_file_answers ("[host]\n", 7, &error);
  g_assert_no_error (error);
  g_assert_cmpint (pread (fd, text, sizeof text - 1, 0), >, 0);
  g_assert_cmpstr (text, ==, "io.systemd.credential.binary:lodge.answers=W2hvc3RdCg==");
  close (fd);

  g_assert_cmpint (lodge_boot_file_copy ("/nonexistent/vars.fd", &error), ==, -1);
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
}

static void
put (const char *directory, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* A description as the packages of Debian and EL write them. */
static char *
description (const char *directory, const char *code, const char *machine, const char *features)
{
  return g_strdup_printf (
      "{ \"description\": \"x\", \"interface-types\": [ \"uefi\" ],"
      "  \"mapping\": { \"device\": \"flash\", \"mode\": \"split\","
      "    \"executable\": { \"filename\": \"%s/%s\", \"format\": \"raw\" },"
      "    \"nvram-template\": { \"filename\": \"%s/vars.fd\", \"format\": \"qcow2\" } },"
      "  \"targets\": [ { \"architecture\": \"x86_64\", \"machines\": [ \"%s\" ] } ],"
      "  \"features\": [ %s ], \"tags\": [] }",
      directory, code, directory, machine, features);
}

static void
put_description (const char *directory, const char *name, const char *root, const char *code,
                 const char *machine, const char *features)
{
  g_autofree char *text = description (root, code, machine, features);

  put (directory, name, text);
}

static void
expect_firmware (const char *const *directories, gboolean secure, const char *code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeFirmware) firmware = lodge_firmware_find (directories, secure, &error);
  g_autofree char *name = NULL;

  if (code == NULL)
    {
      g_assert_null (firmware);
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, "install the package ovmf"));
      return;
    }
  g_assert_no_error (error);
  name = g_path_get_basename (firmware->code);
  g_assert_cmpstr (name, ==, code);
  g_assert_cmpstr (firmware->code_format, ==, "raw");
  g_assert_cmpstr (firmware->variables_format, ==, "qcow2");
  g_assert_cmpint (firmware->needs_smm, ==, secure);
}

static void
test_firmware (void)
{
  g_autofree char *root = g_dir_make_tmp ("lodge-test-XXXXXX", NULL);
  g_autofree char *own = g_build_filename (root, "own", NULL);
  g_autofree char *system = g_build_filename (root, "system", NULL);
  g_autofree char *missing = g_build_filename (root, "missing", NULL);
  const char *directories[] = { missing, own, system, NULL };
  static const char q35[] = "pc-q35-*";
  static const char secure[] = "\"secure-boot\", \"enrolled-keys\", \"requires-smm\"";

  g_assert_cmpint (g_mkdir (own, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (system, 0700), ==, 0);
  put (root, "vars.fd", "v");
  put (root, "plain.fd", "c");
  put (root, "secure.fd", "c");
  put (root, "other.fd", "c");
  expect_firmware (directories, FALSE, NULL);

  put (system, "10-broken.json", "{ \"interface-types\": 7, ");
  put (system, "11-odd.json",
       "{ \"interface-types\": \"uefi\", \"mapping\": [], \"targets\": {} }");
  put_description (system, "12-arm.json", root, "other.fd", "virt-*", "");
  put_description (system, "13-gone.json", root, "gone.fd", q35, "");
  put_description (system, "14-empty-keys.json", root, "other.fd", q35,
                   "\"secure-boot\", \"requires-smm\"");
  expect_firmware (directories, FALSE, NULL);
  expect_firmware (directories, TRUE, NULL);
  put_description (system, "60-plain.json", root, "plain.fd", q35, "\"acpi-s3\"");
  put_description (system, "40-secure.json", root, "secure.fd", q35, secure);
  expect_firmware (directories, FALSE, "plain.fd");
  expect_firmware (directories, TRUE, "secure.fd");

  /* The user's own directory: a file of the same name replaces, an earlier name comes first. */
  put_description (own, "60-plain.json", root, "other.fd", q35, "");
  expect_firmware (directories, FALSE, "other.fd");
  put (own, "60-plain.json", "");
  expect_firmware (directories, FALSE, NULL);
  g_assert_true (lodge_remove_tree (root, NULL));
}

static void
expect_format (const char *directory, const char *start, gsize length, const char *format,
               const char *message)
{
  g_autofree char *path = g_build_filename (directory, "image", NULL);
  g_autoptr (GError) error = NULL;
  char content[1024] = "";

  memcpy (content, start, length);
  g_assert_true (g_file_set_contents (path, content, sizeof content, NULL));
  g_assert_cmpstr (lodge_image_format (path, &error), ==, format);
  if (format != NULL)
    {
      g_assert_no_error (error);
      return;
    }
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, message));
}

static void
expect_part (const char *directory, const char *what, const char *start, gsize length,
             gboolean refused)
{
  g_autofree char *path = g_build_filename (directory, "image", NULL);
  g_autoptr (GError) error = NULL;
  char content[1024] = "";
  const char *format;

  g_test_message ("%s", what);
  memcpy (content, start, length);
  g_assert_true (g_file_set_contents (path, content, sizeof content, NULL));
  format = lodge_image_format (path, &error);
  if (!refused)
    {
      g_assert_no_error (error);
      g_assert_nonnull (format);
      return;
    }
  g_assert_null (format);
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "the rest is in other files"));
}

static void
test_image_format (void)
{
  g_autofree char *directory = g_dir_make_tmp ("lodge-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "image", NULL);
  g_autoptr (GError) error = NULL;
  char disk[512] = "";

  disk[510] = 0x55;
  disk[511] = (char)0xaa;
  expect_format (directory, disk, sizeof disk, "raw", NULL);
  expect_format (directory, "QFI\xfb", 4, "qcow2", NULL);
  expect_format (directory, "KDMV\3\0\0\0\0\0\0\0\0\1", 14, "vmdk", NULL);
  /* These are other files, and may be anybody's. */
  expect_format (directory, "KDMV\3", 5, NULL,
                 "is a VMDK image of several files; only raw, qcow2 and VMDK images");
  expect_format (directory, "# Disk DescriptorFile\n", 22, NULL,
                 "is a VMDK image of several files; only");
  expect_format (directory, "vhdxfile", 8, NULL, "is a VHDX image");
  expect_format (directory, "\x28\xb5\x2f\xfd", 4, NULL, "(unpack it first: zstd -d)");
  expect_format (directory, "hello", 5, NULL, "is not a disk image");

  expect_part (directory, "the backing file of a qcow2", "QFI\xfb\0\0\0\2\0\0\0\0\0\0\1\0", 16,
               TRUE);
  memcpy (disk, "QFI\xfb\0\0\0\3", 8);
  disk[79] = 4;
  expect_part (directory, "the data file of a qcow2", disk, sizeof disk, TRUE);
  disk[79] = 3; /* dirty, corrupt */
  expect_part (directory, "other features of a qcow2", disk, sizeof disk, FALSE);
  disk[79] = 4;
  disk[7] = 2;
  expect_part (directory, "a qcow2 that is too old for features", disk, sizeof disk, FALSE);

  g_assert_true (g_file_set_contents (path, "QFI\xfb", 4, NULL));
  g_assert_null (lodge_image_format (path, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_clear_error (&error);
  g_assert_null (lodge_image_format (directory, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_null (lodge_image_format ("/nonexistent/image", &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_true (lodge_remove_tree (directory, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/boot/arguments/plain", test_plain);
  g_test_add_func ("/boot/arguments/everything", test_everything);
  g_test_add_func ("/boot/arguments/colon", test_colon);
  g_test_add_func ("/boot/disk-words", test_disk_words);
  g_test_add_func ("/boot/disk-images", test_disk_images);
  g_test_add_func ("/boot/files", test_files);
  g_test_add_func ("/boot/firmware", test_firmware);
  g_test_add_func ("/boot/image-format", test_image_format);
  return g_test_run ();
}
