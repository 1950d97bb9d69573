/* What the disk writer writes as text: partition table, boot menu, mounts, password.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/disk-private.h"
#include "builder/layout-gpt.h"
#include "common/error.h"
#include "common/run.h"

#include <string.h>

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define ROOT "11111111-2222-5333-8444-555555555555"

static LodgeTemplate template
    = { .name = (char *)"test",
        .os_name = (char *)"Debian 13",
        .kernel_command_line = (char *)"ro console=tty0 console=ttyS0,115200" };
static LodgeBuildOptions options;

static LodgeBuildPlan
make_plan (void)
{
  LodgeBuildPlan plan = { .template = &template, .options = &options, .size = (guint64)4 << 30 };

  lodge_layout_gpt (plan.size, plan.partitions);
  return plan;
}

/* Geometry, types and names; UUIDs that differ, and depend on the build alone. */
static void
test_partition_script (void)
{
  static const char expected[]
      = "label: gpt\n"
        "unit: sectors\n"
        "first-lba: 2048\n"
        "label-id: UUID0\n"
        "start=2048, size=2048, type=21686148-6449-6E6F-744E-656564454649, uuid=UUID1, "
        "name=\"bios\"\n"
        "start=4096, size=524288, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=UUID2, "
        "name=\"ESP\"\n"
        "start=528384, size=131072, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, uuid=UUID3, "
        "name=\"LODGE\"\n"
        "start=659456, size=7727104, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, uuid=UUID4, "
        "name=\"root\"\n";
  static const char *const roles[]
      = { "disk", "partition-bios", "partition-esp", "partition-lodge", "partition-root" };
  const LodgeBuildPlan plan = make_plan ();
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *script = lodge_disk_partition_script (&plan, HASH);
  g_autofree char *again = lodge_disk_partition_script (&plan, HASH);
  g_autofree char *other = lodge_disk_partition_script (&plan, "00");

  g_assert_cmpstr (script, ==, again);
  g_assert_cmpstr (script, !=, other);
  g_string_assign (text, script);
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      g_autofree char *uuid = lodge_build_uuid (HASH, roles[i]);
      g_autofree char *name = g_strdup_printf ("UUID%u", i);

      g_assert_cmpuint (g_string_replace (text, uuid, name, 0), ==, 1);
    }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_menu (void)
{
  static const char expected[]
      = "# Written by lodge build; update-grub(8) replaces it, with the settings in\n"
        "# /etc/default/grub.d/lodge.cfg, whenever a kernel comes or goes.\n"
        "if [ -s $prefix/grubenv ]; then\n"
        "  load_env\n"
        "fi\n"
        "set default=0\n"
        "if [ \"$next_entry\" ]; then\n"
        "  set default=\"$next_entry\"\n"
        "  set next_entry=\n"
        "  save_env next_entry\n"
        "fi\n"
        "if serial --unit=0 --speed=115200; then\n"
        "  terminal_input console serial\n"
        "  terminal_output console serial\n"
        "fi\n"
        "set timeout=3\n"
        "\n"
        "menuentry 'Debian 13, with Linux 6.12.9+deb13-amd64' --id 'linux-6.12.9+deb13-amd64' {\n"
        "  search --no-floppy --fs-uuid --set=root " ROOT "\n"
        "  echo 'Loading Linux 6.12.9+deb13-amd64 ...'\n"
        "  linux /boot/vmlinuz-6.12.9+deb13-amd64 root=UUID=" ROOT
        " ro console=tty0 console=ttyS0,115200\n"
        "  initrd /boot/initrd.img-6.12.9+deb13-amd64\n"
        "}\n"
        "\n"
        "menuentry 'Debian 13, with Linux 6.1.0-1-amd64' --id 'linux-6.1.0-1-amd64' {\n"
        "  search --no-floppy --fs-uuid --set=root " ROOT "\n"
        "  echo 'Loading Linux 6.1.0-1-amd64 ...'\n"
        "  linux /boot/vmlinuz-6.1.0-1-amd64 root=UUID=" ROOT
        " ro console=tty0 console=ttyS0,115200\n"
        "  initrd /boot/initrd.img-6.1.0-1-amd64\n"
        "}\n";
  static const char stub[] = "search --no-floppy --fs-uuid --set=root " ROOT "\n"
                             "set prefix=($root)/boot/grub\n"
                             "configfile $prefix/grub.cfg\n";
  static const char *const versions[] = { "6.12.9+deb13-amd64", "6.1.0-1-amd64", NULL };
  const LodgeBuildPlan plan = make_plan ();
  g_autoptr (GError) error = NULL;
  g_autofree char *menu
      = lodge_disk_menu (&plan, ROOT, versions, "/boot/vmlinuz-", "/boot/initrd.img-", "");
  g_autofree char *found_stub = lodge_disk_menu_stub (ROOT, "/boot/grub");

  g_assert_cmpstr (menu, ==, expected);
  g_assert_cmpstr (found_stub, ==, stub);
  lodge_disk_menu_check (menu, &plan, ROOT, versions, "/boot/vmlinuz-", &error);
  g_assert_no_error (error);
}

/* What the kernel knows and GRUB would take apart. */
#define ODD_COMMAND_LINE                                                                           \
  "ro memmap=4G$1G pci=resource_alignment=20@0:1.2;12@0:3.4 a={b} c=d|e f<g> h&i #j k=*?[l] !m"

/* What SCRIPT's function "linux" is called with, one argument a line: of GRUB's language, the
 * quotes, and what has to be quoted, are a shell's. */
static char *
linux_arguments (const char *script)
{
  g_autoptr (GError) error = NULL;
  char *output = lodge_run_list (&error, "sh", "-fc", script, NULL);

  g_assert_no_error (error);
  return output;
}

static void
test_odd_command_line (void)
{
  static const char *const versions[] = { "6.1", NULL };
  static const char function[] = "linux () { shift 2; for a; do echo \"$a\"; done; }\n";
  LodgeTemplate odd = template;
  LodgeBuildPlan plan = make_plan ();
  g_autofree char *program = g_find_program_in_path ("grub-script-check");
  g_autofree char *wanted = g_strdelimit (g_strdup (ODD_COMMAND_LINE), " ", '\n');
  g_autofree char *menu = NULL;
  g_autofree char *settings = NULL;
  g_autofree char *script = NULL;
  g_autofree char *found = NULL;
  g_autofree char *from_settings = NULL;
  g_autoptr (GError) error = NULL;
  char *line;

  odd.kernel_command_line = (char *)ODD_COMMAND_LINE;
  plan.template = &odd;
  menu = lodge_disk_menu (&plan, ROOT, versions, "/vmlinuz-", "/initrd-", "");
  lodge_disk_menu_check (menu, &plan, ROOT, versions, "/vmlinuz-", &error);
  g_assert_no_error (error);
  if (program != NULL)
    {
      g_autofree char *said
          = lodge_run ((const char *const[]){ program, NULL }, menu, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (said, ==, "");
    }
  line = strstr (menu, "  linux ");
  *strchr (line, '\n') = '\0';
  script = g_strconcat (function, line, NULL);
  found = linux_arguments (script);
  g_assert_cmpstr (found, ==, wanted);

  /* update-grub(8) reads the settings and writes the value into the menu as it is. */
  settings = lodge_disk_menu_settings (&plan);
  g_free (script);
  script = g_strconcat (function, settings, "eval \"linux kernel root ro $GRUB_CMDLINE_LINUX\"\n",
                        NULL);
  from_settings = linux_arguments (script);
  g_assert_cmpstr (from_settings, ==, wanted);
}

/* Values that a shell would take apart, as grub-mkconfig sources this file. */
static void
test_menu_settings (void)
{
  LodgeTemplate odd = template;
  LodgeBuildPlan plan = make_plan ();
  g_autofree char *settings = NULL;

  odd.os_name = (char *)"O'Neill $HOME";
  odd.kernel_command_line = (char *)"a=b ro  rootflags=ro $(reboot)";
  plan.template = &odd;
  settings = lodge_disk_menu_settings (&plan);
  g_assert_nonnull (strstr (settings, "GRUB_DISTRIBUTOR='O'\\''Neill $HOME'\n"));
  g_assert_nonnull (
      strstr (settings, "GRUB_CMDLINE_LINUX='a=b rootflags=ro '\\''$(reboot)'\\'''\n"));
  g_assert_nonnull (strstr (settings, "GRUB_DISABLE_OS_PROBER=true\n"));
}

static void
expect_menu (const char *menu, const char *message)
{
  static const char *const versions[] = { "1", NULL };
  const LodgeBuildPlan plan = make_plan ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (lodge_disk_menu_check (menu, &plan, ROOT, versions, "/boot/vmlinuz-", &error),
                   ==, message == NULL);
  if (message == NULL)
    {
      g_assert_no_error (error);
      return;
    }
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, message));
}

/* The mistakes that were made elsewhere: the appliance's own root and command line in an entry. */
static void
test_menu_check (void)
{
  expect_menu ("\tlinux\t/boot/vmlinuz-1 root=UUID=" ROOT
               " ro console=tty0  console=ttyS0,115200 more\n",
               NULL);
  expect_menu ("", "has no entry");
  expect_menu ("# linux /boot/vmlinuz-1\n", "has no entry");
  expect_menu ("  linux /boot/vmlinuz-1 root=/dev/sda4 ro console=tty0 console=ttyS0,115200\n",
               "lacks root=UUID=" ROOT);
  expect_menu ("  linux /boot/vmlinuz-1 root=UUID=" ROOT " ro console=tty0\n",
               "lacks \"console=ttyS0,115200\"");
  expect_menu ("  linux /boot/vmlinuz-1 root=UUID=" ROOT " console=tty0 console=ttyS0,115200\n",
               "lacks \"ro\"");
  /* The second entry counts as the first does. */
  expect_menu ("linux /boot/vmlinuz-2 root=UUID=" ROOT " ro console=tty0 console=ttyS0,115200\n"
               "linux /boot/vmlinuz-1 root=UUID=99999999-2222-5333-8444-555555555555 ro "
               "console=tty0 console=ttyS0,115200\n",
               "lacks root=UUID=" ROOT);
  /* A second kernel's entry is not the first one's. */
  expect_menu ("linux /boot/vmlinuz-1.2 root=UUID=" ROOT " ro console=tty0 console=ttyS0,115200\n",
               "has the kernel /boot/vmlinuz-1, but no entry for it");
}

static void
test_fstab (void)
{
  const LodgeDisk disk = { .root_uuid = ROOT, .esp_volume_id = 0x00ab12cd };
  g_autofree char *fstab = lodge_disk_fstab (&disk);

  g_assert_cmpstr (fstab, ==,
                   "# See fstab(5).\n"
                   "UUID=" ROOT " / ext4 noatime,errors=remount-ro 0 1\n"
                   "UUID=00AB-12CD /boot/efi vfat "
                   "umask=0077,noatime,nofail,x-systemd.automount,x-systemd.idle-timeout=1min 0 "
                   "2\n");
}

static void
test_shadow (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *changed = lodge_disk_set_shadow (
      "daemon:*:1:0:99999:7:::\nroot:*:20000:0:99999:7:::\nrooter:x:1::\n", "$y$j9T$a$b", &error);
  g_autofree char *none = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (changed, ==,
                   "daemon:*:1:0:99999:7:::\nroot:$y$j9T$a$b:20000:0:99999:7:::\nrooter:x:1::\n");
  none = lodge_disk_set_shadow ("rooter:x:1::\n", "$y$j9T$a$b", &error);
  g_assert_null (none);
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
}

/* As kernels 5.14 to 6.12 say it; a drive that has nothing to do with the image does not count. */
static void
test_lost_write (void)
{
  static const char *const lost[] = {
    "[    9.1] I/O error, dev sda, sector 2064 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 2",
    "[    9.1] blk_update_request: I/O error, dev sda, sector 2064 op 0x1:(WRITE) flags 0x0",
    "[    9.1] Buffer I/O error on dev sda4, logical block 0, lost async page write",
    "[    9.1] Buffer I/O error on dev sdb2, logical block 0, lost sync page write",
    "[    9.1] EXT4-fs (sda4): This should not happen!! Data will be lost",
    "[    9.1] EXT4-fs warning (device sda4): ext4_end_bio:343: I/O error 10 writing to inode 12",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lost); i++)
    {
      g_autofree char *messages = g_strdup_printf (
          "[    0.1] sd 0:0:0:0: [sda] Attached SCSI disk\n%s\n[   9.2] x\n", lost[i]);
      g_autofree char *line = lodge_disk_find_lost_write (messages);

      g_assert_cmpstr (line, ==, lost[i]);
    }
  g_assert_null (lodge_disk_find_lost_write (
      "[    1.0] blk_update_request: I/O error, dev fd0, sector 0 op 0x0:(READ)\n"
      "[    1.1] EXT4-fs (sda4): mounted filesystem without journal\n"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/disk/partition-script", test_partition_script);
  g_test_add_func ("/disk/menu", test_menu);
  g_test_add_func ("/disk/menu-settings", test_menu_settings);
  g_test_add_func ("/disk/odd-command-line", test_odd_command_line);
  g_test_add_func ("/disk/menu-check", test_menu_check);
  g_test_add_func ("/disk/fstab", test_fstab);
  g_test_add_func ("/disk/shadow", test_shadow);
  g_test_add_func ("/disk-text/lost-write", test_lost_write);
  return g_test_run ();
}
