/* The appliance: sees what is written to the image from outside, dies when told, and falls back to
 * emulation. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Real launches of libguestfs, about 10 s each in emulation: only with LODGE_TEST_APPLIANCE=1 in
 * the environment, as tests/image/appliance.t does.
 */
#include "builder/appliance.h"
#include "builder/disk-private.h"
#include "builder/layout-gpt.h"
#include "builder/remove.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

enum
{
  BIG = 16 * 1024 * 1024, /* bytes of a file in the root: more than the kernel reads ahead */
};

typedef struct
{
  char *directory;
  char *image;
  char *disabled[1];
  LodgeTemplate template;
  LodgeBuildOptions options;
  LodgeBuildPlan plan;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  int fd;

  (void)data;
  fixture->directory = g_dir_make_tmp ("lodge-test-XXXXXX", NULL);
  fixture->image = g_build_filename (fixture->directory, "disk.raw", NULL);
  fixture->template.os_name = (char *)"Test";
  fixture->template.disable = fixture->disabled; /* none */
  fixture->plan.template = &fixture->template;
  fixture->plan.options = &fixture->options;
  fixture->plan.size = (guint64)2 << 30;
  lodge_layout_gpt (fixture->plan.size, fixture->plan.partitions);
  fd = open (fixture->image, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, (off_t)fixture->plan.size), ==, 0);
  close (fd);
}

/* No process of ours is left. */
static void
expect_no_children (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const char *task;

  while ((task = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", task, "children", NULL);
      g_autofree char *children = lodge_file_read (path, 4096, NULL, NULL);

      g_assert_cmpstr (children != NULL ? children : "", ==, "");
    }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  expect_no_children ();
  g_assert_true (lodge_remove_tree (fixture->directory, NULL));
  g_free (fixture->directory);
  g_free (fixture->image);
}

/* Makes the root file system in the image, as the tree's maker does: from outside, at its offset.
 */
static void
make_root (Fixture *fixture, const char *tree, const char *uuid)
{
  const LodgePartition *partition = &fixture->plan.partitions[LODGE_PARTITION_ROOT];
  g_autofree char *offset = g_strdup_printf ("offset=%" G_GUINT64_FORMAT, partition->start);
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT "k", partition->size / 1024);
  g_autoptr (GError) error = NULL;
  g_autofree char *output = lodge_run_list (&error, "mke2fs", "-q", "-F", "-t", "ext4", "-U", uuid,
                                            "-E", offset, "-d", tree, fixture->image, size, NULL);

  g_assert_no_error (error);
}

/* The file that the root gets, BIG bytes that differ from sector to sector. */
static char *
make_tree (Fixture *fixture)
{
  char *tree = g_build_filename (fixture->directory, "tree", NULL);
  g_autofree char *path = g_build_filename (tree, "big", NULL);
  g_autofree guint32 *content = g_malloc (BIG);

  for (guint32 i = 0; i < BIG / sizeof *content; i++)
    content[i] = i * 2654435761U;
  g_assert_cmpint (g_mkdir (tree, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, (char *)content, BIG, NULL));
  return tree;
}

/* The appliance has read the blank disk, table, partitions' places and all, into its own cache.
 * Then partition table, FAT and ext4 come from outside.  What it reads afterwards must be the new
 * content, what it writes must reach the file, and nothing may be damaged. */
static void
test_coherence (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeAppliance) appliance
      = lodge_appliance_start (fixture->image, "raw", LODGE_APPLIANCE_READ_WRITE, NULL, NULL, NULL);
  g_autofree char *tree = make_tree (fixture);
  g_autofree char *big = g_build_filename (tree, "big", NULL);
  g_autofree char *wanted = lodge_file_sha256 (big, &error);
  g_autofree char *root_uuid = lodge_build_uuid (HASH, "filesystem-root");
  g_autofree char *found = NULL;
  g_autofree char *label = NULL;
  g_autofree char *esp_uuid = NULL;
  g_autofree char *size_text = NULL;
  g_autofree char *listing = NULL;
  g_autofree char *debug_file = NULL;
  LodgeDisk disk = {
    .plan = &fixture->plan,
    .build_hash = HASH,
    .root_uuid = root_uuid,
    .esp_volume_id = 0x12345678,
    .lodge_volume_id = 0x9abcdef0,
  };

  (void)data;
  disk.g = lodge_appliance_wait (appliance, &error);
  g_assert_no_error (error);
  /* 400 MiB from the beginning: the table, both FATs, and the root's first block groups. */
  for (int i = 0; i < 100; i++)
    {
      gsize size;
      g_autofree char *block = guestfs_pread_device (disk.g, "/dev/sda", 1024 * 1024,
                                                     (gint64)i * 4 * 1024 * 1024, &size);

      g_assert_nonnull (block);
      g_assert_cmpint (block[0], ==, 0);
    }

  make_root (fixture, tree, root_uuid);
  lodge_disk_partition (&disk, fixture->image, NULL, &error);
  g_assert_no_error (error);
  lodge_disk_reread (disk.g, &error);
  g_assert_no_error (error);

  g_assert_cmpint (guestfs_mount (disk.g, "/dev/sda4", "/"), ==, 0);
  found = guestfs_checksum (disk.g, "sha256", "/big");
  g_assert_cmpstr (found, ==, wanted);
  label = guestfs_vfs_label (disk.g, "/dev/sda3");
  g_assert_cmpstr (label, ==, "LODGE");
  esp_uuid = guestfs_vfs_uuid (disk.g, "/dev/sda2");
  g_assert_cmpstr (esp_uuid, ==, "1234-5678");
  g_assert_cmpint (guestfs_write (disk.g, "/written", "inside", 6), ==, 0);
  g_assert_cmpint (guestfs_umount_all (disk.g), ==, 0);
  lodge_appliance_shutdown (appliance, &error);
  g_assert_no_error (error);

  lodge_disk_check_filesystem (&disk, fixture->image, NULL, &error);
  g_assert_no_error (error);
  debug_file = g_strdup_printf ("%s?offset=%" G_GUINT64_FORMAT, fixture->image,
                                fixture->plan.partitions[LODGE_PARTITION_ROOT].start);
  listing = lodge_run_list (&error, "debugfs", "-R", "cat /written", debug_file, NULL);
  g_assert_no_error (error);
  g_assert_cmpstr (listing, ==, "inside");
  /* No GRUB was installed. */
  g_assert_false (lodge_disk_check_boot_sectors (&disk, fixture->image, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
}

/* One thing that an image needs to pass, or that makes it fail. */
typedef struct
{
  const char *path;
  const char *content; /* NULL: the path is removed */
  const char *failure; /* part of what is said before; NULL: it passes */
} Need;

/* An image that lacks everything is mended one thing at a time, and then spoilt one thing at a
 * time: each check says what it is there for. */
static void
test_checks (Fixture *fixture, gconstpointer data)
{
  static const char root_uuid[] = "11111111-2222-5333-8444-555555555555";
  static const char menu[]
      = "linux /boot/vmlinuz-6.1 root=UUID=11111111-2222-5333-8444-555555555555 ro quiet\n";
  static const char wrong_menu[] = "linux /boot/vmlinuz-6.1 root=/dev/sda4 ro quiet\n";
  static const Need needs[] = {
    { "/boot/vmlinuz-6.1", "kernel", "there is no kernel in the image" },
    { "/boot/initrd.img-6.1", "", "/boot/initrd.img-6.1 is not in the image" },
    { "/boot/initrd.img-6.1", "initramfs", "/boot/initrd.img-6.1 in the image is empty" },
    { "/boot/grub/grub.cfg", "set timeout=3\n", "read /boot/grub/grub.cfg in the image" },
    { "/boot/grub/grub.cfg", wrong_menu, "the boot menu has no entry" },
    { "/boot/grub/grub.cfg", menu, "lacks root=UUID=11111111-2222-5333-8444-555555555555" },
    { "/boot/grub/i386-pc/core.img", "core", "/boot/grub/i386-pc/core.img is not in the image" },
    { "/etc/kernel/postinst.d/zz-update-grub", "x", "zz-update-grub is not in the image" },
    { "/boot/efi/EFI/BOOT/BOOTX64.EFI", "x", "/EFI/BOOT/BOOTX64.EFI is not in the image" },
    { "/boot/efi/EFI/BOOT/grubx64.efi", "x", "/EFI/BOOT/grubx64.efi is not in the image" },
    { "/boot/efi/EFI/BOOT/mmx64.efi", "x", "/EFI/BOOT/mmx64.efi is not in the image" },
    { "/boot/efi/EFI/BOOT/grub.cfg", "x", "/EFI/BOOT/grub.cfg is not in the image" },
    { "/usr/sbin/lodge-firstboot", "x", "the image lacks the setup program " },
    { "/usr/lib/systemd/system/lodge-firstboot.service", "x", "the setup program's unit" },
    { "/etc/systemd/system/x.wants/lodge-firstboot.service", "x", "that starts the setup program" },
    { "/etc/machine-id", "0123\n", "read /etc/machine-id in the image" },
    { "/etc/machine-id", "", "/etc/machine-id in the image is not empty" },
    { "/etc/shadow", "bin:*:1:\n", "read /etc/shadow in the image" },
    { "/etc/shadow", "root::1:\n", "has no line for root" },
    { "/etc/shadow", "root:$6$a$b:1:\n", "root has a password in the image" },
    { "/etc/shadow", "root:!:1:\n", "root has a password in the image" },
    { "/etc/machine-id", "uninitialized\n", NULL },
    { "/etc/ssh/ssh_host_rsa_key", "x", NULL },
    { "/etc/ssh/ssh_host_rsa_key", NULL, "the image holds SSH host keys" },
    { "/var/lib/systemd/random-seed", "x", NULL },
    { "/var/lib/systemd/random-seed", NULL, "the image holds a random seed" },
    { "/etc/lvm/devices/system.devices", "x", NULL },
    { "/etc/lvm/devices/system.devices", NULL, "the image holds an LVM devices file" },
    { "/boot/efi/EFI/BOOT/fbx64.efi", "x", NULL },
    { "/boot/efi/EFI/BOOT/fbx64.efi", NULL, "fbx64.efi is on the EFI system partition" },
    { "/boot/vmlinuz-6.2", "newer", NULL },
    { "/boot/vmlinuz-6.2", NULL, "/boot/initrd.img-6.2 is not in the image" },
  };
  g_autoptr (GError) launch_error = NULL;
  g_autoptr (LodgeAppliance) appliance
      = lodge_appliance_start (fixture->image, "raw", LODGE_APPLIANCE_READ_WRITE, NULL, NULL, NULL);
  LodgeDisk disk = { .plan = &fixture->plan, .build_hash = HASH, .root_uuid = root_uuid };

  (void)data;
  fixture->template.family = LODGE_FAMILY_DEBIAN;
  fixture->template.kernel_command_line = (char *)"ro quiet";
  disk.g = lodge_appliance_wait (appliance, &launch_error);
  g_assert_no_error (launch_error);
  g_assert_cmpint (guestfs_mkfs (disk.g, "ext4", "/dev/sda"), ==, 0);
  g_assert_cmpint (guestfs_mount (disk.g, "/dev/sda", "/"), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (needs); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *directory = g_path_get_dirname (needs[i].path);
      gboolean passed = lodge_disk_check (&disk, &error);

      if (needs[i].failure == NULL)
        g_assert_no_error (error);
      else
        {
          g_assert_false (passed);
          g_test_message ("%s", error->message);
          g_assert_nonnull (strstr (error->message, needs[i].failure));
        }
      if (needs[i].content == NULL)
        g_assert_cmpint (guestfs_rm (disk.g, needs[i].path), ==, 0);
      else
        {
          g_assert_cmpint (guestfs_mkdir_p (disk.g, directory), ==, 0);
          g_assert_cmpint (
              guestfs_write (disk.g, needs[i].path, needs[i].content, strlen (needs[i].content)),
              ==, 0);
        }
    }
  /* A template that disables the setup program gets an image that does not start it. */
  {
    static char *disabled[] = { (char *)LODGE_FIRSTBOOT_UNIT, NULL };
    g_autoptr (GError) error = NULL;

    fixture->template.disable = disabled;
    g_assert_false (lodge_disk_check (&disk, &error));
    g_assert_nonnull (strstr (error->message, "which the template disables"));
    g_clear_error (&error);
    g_assert_cmpint (guestfs_rm (disk.g, "/etc/systemd/system/x.wants/lodge-firstboot.service"), ==,
                     0);
    lodge_disk_check (&disk, &error);
    g_assert_no_error (error);
  }
  /* A password that was asked for has to be there. */
  {
    g_autoptr (GError) error = NULL;

    lodge_disk_check (&disk, &error);
    g_assert_no_error (error);
    fixture->options.root_password_hash = (char *)"$6$a$b";
    g_assert_false (lodge_disk_check (&disk, &error));
    g_assert_nonnull (strstr (error->message, "is not the one that was given"));
  }
}

/* The file system that holds the image is full, and QEMU stops the machine: the watch ends it, and
 * says why.  Where it is: LODGE_TEST_SMALL is a directory on a file system of a few MiB. */
static void
test_no_space (Fixture *fixture, gconstpointer data)
{
  const char *small = g_getenv ("LODGE_TEST_SMALL");
  g_autofree char *image = g_build_filename (small != NULL ? small : "", "disk.raw", NULL);
  g_autoptr (LodgeAppliance) appliance = NULL;
  g_autoptr (GError) error = NULL;
  LodgeDiskWatch *watch;
  static char block[1024 * 1024];
  guestfs_h *g;
  int result;
  int fd;

  (void)fixture;
  (void)data;
  if (small == NULL)
    {
      g_test_skip ("LODGE_TEST_SMALL is not set");
      return;
    }
  fd = open (image, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, (off_t)fixture->plan.size), ==, 0);
  close (fd);
  appliance = lodge_appliance_start (image, "raw", LODGE_APPLIANCE_READ_WRITE, NULL, NULL, NULL);
  g = lodge_appliance_wait (appliance, &error);
  g_assert_no_error (error);
  memset (block, 'x', sizeof block);
  watch = lodge_disk_watch_start (appliance, image);
  /* Data, as zeros would be made a hole. */
  result = 0;
  for (int i = 0; i < 512 && result >= 0; i++)
    result = guestfs_pwrite_device (g, "/dev/sda", block, sizeof block,
                                    (gint64)i * (gint64)sizeof block);
  if (result >= 0)
    result = guestfs_sync (g);
  g_assert_cmpint (result, ==, -1);
  g_assert_false (lodge_disk_watch_stop (watch, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "no space is left for "));
}

static void
put_program (const char *path, const char *script)
{
  g_assert_true (g_file_set_contents (path, script, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
}

/* What the disk below does not take: the file system tells nobody, the check does.  QEMU's writes
 * fail from an offset on, by a limit of its process (EFBIG, as EIO and EDQUOT an error that does
 * not stop the machine). */
static void
lose_writes (Fixture *fixture)
{
  const LodgePartition *root = &fixture->plan.partitions[LODGE_PARTITION_ROOT];
  const guint64 limit = root->start + 4 * BIG;
  g_autofree char *tree = make_tree (fixture);
  g_autofree char *real = g_find_program_in_path ("qemu-system-x86_64");
  g_autofree char *limited = g_build_filename (fixture->directory, "limited-qemu", NULL);
  g_autofree char *script = g_strdup_printf (
      "#!/bin/bash\ntrap '' XFSZ\nulimit -f %" G_GUINT64_FORMAT "\nexec %s \"$@\"\n", limit / 1024,
      real);
  g_autoptr (LodgeAppliance) appliance = NULL;
  g_autoptr (GError) error = NULL;
  LodgeDisk disk = { .plan = &fixture->plan, .build_hash = HASH };

  make_root (fixture, tree, "11111111-2222-4333-8444-555555555555");
  lodge_disk_partition (&disk, fixture->image, NULL, &error);
  g_assert_no_error (error);
  put_program (limited, script);
  g_setenv ("LIBGUESTFS_HV", limited, TRUE);
  appliance
      = lodge_appliance_start (fixture->image, "raw", LODGE_APPLIANCE_READ_WRITE, NULL, NULL, NULL);
  disk.g = lodge_appliance_wait (appliance, &error);
  g_assert_no_error (error);
  g_assert_true (lodge_disk_check_written (&disk, &error));
  g_assert_no_error (error);
  g_assert_cmpint (guestfs_mount_options (disk.g, "noatime,noload", "/dev/sda4", "/"), ==, 0);
  g_assert_cmpint (guestfs_fill (disk.g, 'x', 8 * BIG, "/new"), ==, 0);
  g_assert_cmpint (guestfs_umount_all (disk.g), ==, 0);
  g_assert_false (lodge_disk_check_written (&disk, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "not all of the image could be written"));
}

static void
test_lost_writes (Fixture *fixture, gconstpointer data)
{
  (void)data;
  lose_writes (fixture);
  g_unsetenv ("LIBGUESTFS_HV");
}

static gpointer
cancel_later (gpointer data)
{
  g_usleep (2 * G_USEC_PER_SEC); /* in the middle of whatever it is */
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_cancel_launch (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (LodgeAppliance) appliance = lodge_appliance_start (
      fixture->image, "raw", LODGE_APPLIANCE_READ_WRITE, NULL, NULL, cancellable);
  gint64 begin = g_get_monotonic_time ();
  GThread *thread = g_thread_new ("cancel", cancel_later, cancellable);

  (void)data;
  g_assert_null (lodge_appliance_wait (appliance, &error));
  g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint ((g_get_monotonic_time () - begin) / G_USEC_PER_SEC, <, 8);
}

/* A call that would go on for ten minutes ends when it is cancelled. */
static void
test_cancel_call (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (LodgeAppliance) appliance = lodge_appliance_start (
      fixture->image, "raw", LODGE_APPLIANCE_READ_WRITE, NULL, NULL, cancellable);
  guestfs_h *g = lodge_appliance_wait (appliance, &error);
  gint64 begin;
  GThread *thread;

  (void)data;
  g_assert_no_error (error);
  begin = g_get_monotonic_time ();
  thread = g_thread_new ("cancel", cancel_later, cancellable);
  g_assert_cmpint (guestfs_sleep (g, 600), ==, -1);
  g_thread_join (thread);
  g_assert_cmpint ((g_get_monotonic_time () - begin) / G_USEC_PER_SEC, <, 8);
}

/* A shutdown writes to the disk and can hang: it ends when it is cancelled, too. */
static void
test_cancel_shutdown (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (LodgeAppliance) appliance = lodge_appliance_start (
      fixture->image, "raw", LODGE_APPLIANCE_READ_WRITE, NULL, NULL, cancellable);
  guestfs_h *g = lodge_appliance_wait (appliance, &error);
  gint64 begin;
  GThread *thread;
  int pid;

  (void)data;
  g_assert_no_error (error);
  pid = guestfs_get_pid (g);
  g_assert_cmpint (pid, >, 1);
  g_assert_cmpint (kill (pid, SIGSTOP), ==, 0);
  begin = g_get_monotonic_time ();
  thread = g_thread_new ("cancel", cancel_later, cancellable);
  g_assert_false (lodge_appliance_shutdown (appliance, &error));
  g_thread_join (thread);
  g_assert_cmpint ((g_get_monotonic_time () - begin) / G_USEC_PER_SEC, <, 8);
}

/* Freed while it launches: what a build does that fails in the root tree. */
static void
test_free_early (Fixture *fixture, gconstpointer data)
{
  LodgeAppliance *appliance
      = lodge_appliance_start (fixture->image, "raw", LODGE_APPLIANCE_READ_WRITE, NULL, NULL, NULL);
  gint64 begin = g_get_monotonic_time ();

  (void)data;
  g_usleep (2 * G_USEC_PER_SEC);
  lodge_appliance_free (appliance);
  g_assert_cmpint ((g_get_monotonic_time () - begin) / G_USEC_PER_SEC, <, 8);
}

/* KVM passes the trial and then hangs with the appliance: the watchdog ends it, and the second
 * launch, the real QEMU in emulation, works.  What hangs is a program in QEMU's place, as no KVM
 * hangs on order. */
static void
hang_and_fall_back (Fixture *fixture)
{
  g_autofree char *real = g_find_program_in_path ("qemu-system-x86_64");
  g_autofree char *trial = g_build_filename (fixture->directory, "qemu-system-x86_64", NULL);
  g_autofree char *hanging = g_build_filename (fixture->directory, "hanging-qemu", NULL);
  g_autofree char *path = g_strconcat (fixture->directory, ":", g_getenv ("PATH"), NULL);
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\n"
                                             "case \"$*\" in\n"
                                             "*accel=kvm*-pidfile*|*-pidfile*accel=kvm*)\n"
                                             "  while [ \"$1\" != -pidfile ]; do shift; done\n"
                                             "  echo $$ >\"$2\"\n"
                                             "  exec sleep 600;;\n"
                                             "esac\n"
                                             "exec %s \"$@\"\n",
                                             real);
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeProgress) progress = lodge_progress_new (LODGE_PROGRESS_PLAIN);
  g_autoptr (LodgeAppliance) appliance = NULL;

  put_program (trial, "#!/bin/sh\nexit 85\n");
  put_program (hanging, script);
  g_assert_true (g_setenv ("PATH", path, TRUE));
  g_assert_true (g_setenv ("LIBGUESTFS_HV", hanging, TRUE));
  appliance = lodge_appliance_start (fixture->image, "raw", LODGE_APPLIANCE_READ_ONLY, NULL,
                                     progress, NULL);
  g_assert_nonnull (lodge_appliance_wait (appliance, &error));
  g_assert_no_error (error);
}

static void
test_fall_back (Fixture *fixture, gconstpointer data)
{
  int fd;

  (void)data;
  if (g_test_subprocess ())
    {
      hang_and_fall_back (fixture);
      return;
    }
  fd = open ("/dev/kvm", O_RDWR | O_CLOEXEC);
  if (fd < 0)
    {
      g_test_skip ("/dev/kvm cannot be opened: KVM is not tried");
      return;
    }
  close (fd);
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr (
      "*note: KVM is not used (the libguestfs appliance did not start within *");
}

/* What is wrong with an image is said in one line that names it. */
static void
test_missing_image (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *missing = g_build_filename (fixture->directory, "missing.raw", NULL);
  g_autoptr (LodgeAppliance) appliance
      = lodge_appliance_start (missing, "raw", LODGE_APPLIANCE_READ_ONLY, NULL, NULL, NULL);

  (void)data;
  g_assert_null (lodge_appliance_wait (appliance, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "missing.raw"));
  g_assert_null (strchr (error->message, '\n'));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*run) (Fixture *, gconstpointer);
  } tests[] = {
    { "/appliance/coherence", test_coherence },
    { "/appliance/checks", test_checks },
    { "/appliance/lost-writes", test_lost_writes },
    { "/appliance/no-space", test_no_space },
    { "/appliance/cancel-launch", test_cancel_launch },
    { "/appliance/cancel-call", test_cancel_call },
    { "/appliance/cancel-shutdown", test_cancel_shutdown },
    { "/appliance/free-early", test_free_early },
    { "/appliance/fall-back", test_fall_back },
    { "/appliance/missing-image", test_missing_image },
  };

  g_test_init (&argc, &argv, NULL);
  if (g_getenv ("LODGE_TEST_APPLIANCE") == NULL)
    {
      printf ("1..0 # SKIP launches libguestfs; tests/image/appliance.t runs it\n");
      return 0;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
