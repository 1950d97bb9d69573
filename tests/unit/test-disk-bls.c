/* The boot menu of distributions whose kernels bring boot loader entries.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/bls-name.h"
#include "builder/disk-private.h"
#include "builder/root-files.h"
#include "common/error.h"
#include "common/run.h"

#include <string.h>

#define ROOT "11111111-2222-5333-8444-555555555555"
/* What the kernel knows and GRUB would take apart. */
#define ODD "ro pci=resource_alignment=20@0:1.2;12@0:3.4 a={b} c=d|e f<g> h&i #j k=*?[l] !m"

static LodgeTemplate template = { .name = (char *)"test",
                                  .family = LODGE_FAMILY_EL,
                                  .os_name = (char *)"CentOS Stream 9",
                                  .kernel_command_line = (char *)"ro console=tty0" };
static LodgeTemplate odd = { .name = (char *)"odd",
                             .family = LODGE_FAMILY_EL,
                             .os_name = (char *)"CentOS Stream 9",
                             .kernel_command_line = (char *)ODD };

/* Up to where the two differ. */
#define MENU_HEAD                                                                                  \
  "# Written by lodge build.  The entries are the files in /boot/loader/entries, which\n"          \
  "# kernel-install(8) writes and grubby(8) changes; nothing needs to write this file again.\n"    \
  "if [ -s $prefix/grubenv ]; then\n"                                                              \
  "  load_env\n"                                                                                   \
  "fi\n"                                                                                           \
  "set default=0\n"                                                                                \
  "if [ \"$next_entry\" ]; then\n"                                                                 \
  "  set default=\"$next_entry\"\n"                                                                \
  "  set next_entry=\n"                                                                            \
  "  save_env next_entry\n"                                                                        \
  "elif [ \"$saved_entry\" ]; then\n"                                                              \
  "  set default=\"$saved_entry\"\n"                                                               \
  "fi\n"                                                                                           \
  "if serial --unit=0 --speed=115200; then\n"                                                      \
  "  terminal_input console serial\n"                                                              \
  "  terminal_output console serial\n"                                                             \
  "fi\n"                                                                                           \
  "set timeout=3\n"                                                                                \
  "set kernelopts='root=UUID=" ROOT " ro console=tty0'\n"                                          \
  "set osname='CentOS Stream 9'\n"

static void
test_menu (void)
{
  static const char with_command[] = MENU_HEAD "set blsdir=/boot/loader/entries\n"
                                               "set boot=$root\n"
                                               "function load_video {\n"
                                               "  insmod all_video\n"
                                               "}\n"
                                               "blscfg\n";
  static const char with_loop[]
      = MENU_HEAD "insmod regexp\n"
                  "for entry in /boot/loader/entries/*.conf; do\n"
                  "  if regexp --set=1:id --set=2:version '/([0-9a-f]+)-([^/]*)[.]conf$' "
                  "\"$entry\"; then\n"
                  "    if [ \"$default\" = \"$id-$version\" ]; then\n"
                  "      set default=\"$osname ($version)\"\n"
                  "    fi\n"
                  "    menuentry \"$osname ($version)\" --id \"$id-$version\" \"$version\" {\n"
                  "      echo \"Loading Linux $2 ...\"\n"
                  "      linux /boot/vmlinuz-$2 $kernelopts\n"
                  "      initrd /boot/initramfs-$2.img\n"
                  "    }\n"
                  "  fi\n"
                  "done\n";
  const LodgeBuildPlan plan = { .template = &template };
  g_autofree char *command = lodge_disk_bls_menu (&plan, ROOT, TRUE);
  g_autofree char *loop = lodge_disk_bls_menu (&plan, ROOT, FALSE);

  g_assert_cmpstr (command, ==, with_command);
  g_assert_cmpstr (loop, ==, with_loop);
}

/* What SCRIPT's function "linux" is called with, one argument a line: of GRUB's language, the
 * quotes, and what has to be quoted, are a shell's. */
static char *
linux_arguments (const char *script)
{
  g_autofree char *text
      = g_strconcat ("linux () { for a; do echo \"$a\"; done; }\nlinux ", script, NULL);
  g_autoptr (GError) error = NULL;
  char *output = lodge_run_list (&error, "sh", "-fc", text, NULL);

  g_assert_no_error (error);
  return output;
}

/* Each word reaches the kernel as the template has it: from an entry of the image, and from one
 * that kernel-install makes of /etc/kernel/cmdline later. */
static void
test_odd_words (void)
{
  static const char entry[]
      = "title Linux\nlinux /boot/vmlinuz-6.1\noptions old words\ngrub_class kernel\n";
  const LodgeBuildPlan plan = { .template = &odd };
  g_autoptr (GError) error = NULL;
  g_autofree char *command_line = lodge_root_command_line (&odd, ROOT);
  g_autofree char *from_file = linux_arguments (command_line);
  g_autofree char *wanted = g_strdelimit (g_strdup ("root=UUID=" ROOT " " ODD), " ", '\n');
  g_autofree char *changed = NULL;

  g_assert_cmpstr (from_file, ==, wanted);
  g_strchomp (command_line);
  changed = lodge_disk_bls_set_options (entry, command_line);
  lodge_disk_bls_check_entry ("an entry", changed, &plan, ROOT, &error);
  g_assert_no_error (error);
  g_assert_null (strstr (changed, "old words"));
  g_assert_nonnull (strstr (changed, "grub_class kernel\n"));
  lodge_disk_bls_check_entry ("an entry", entry, &plan, ROOT, &error);
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
}

/* Each kernel has an entry of its own; a version that ends like another's is not it. */
static void
test_versions (void)
{
  static const char *const paths[]
      = { "/boot/loader/entries/e773a3002e4f5867818ca472eac9593d-6.12.0-9.x86_64.conf",
          "/boot/loader/entries/e773a3002e4f5867818ca472eac9593d-6.12.0-9.x86_64+debug.conf",
          NULL };
  static const char *const both[] = { "6.12.0-9.x86_64", "6.12.0-9.x86_64+debug", NULL };
  static const char *const other[] = { "6.12.0-9.x86_64", "9.x86_64", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_true (lodge_disk_bls_check_versions (paths, both, &error));
  g_assert_no_error (error);
  g_assert_false (lodge_disk_bls_check_versions (paths, other, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "has the kernel 9.x86_64, but no boot loader entry"));
}

/* Debian's /etc/kernel/cmdline is nobody's script. */
/* What disk.c and el-check.c go by. */
static void
test_names (void)
{
  g_assert_true (lodge_bls_is_entry_of ("0123abcd-2.conf", "2"));
  g_assert_true (lodge_bls_is_entry_of ("0123abcd-1-2.conf", "1-2"));
  g_assert_false (lodge_bls_is_entry_of ("0123abcd-1-2.conf", "2"));
  g_assert_false (lodge_bls_is_entry_of ("0123abcd-2.conf.rpmsave", "2"));
  g_assert_false (lodge_bls_is_entry_of ("2.conf", "2"));
}

static void
test_debian_as_it_is (void)
{
  LodgeTemplate debian = odd;
  g_autofree char *text = NULL;

  debian.family = LODGE_FAMILY_DEBIAN;
  text = lodge_root_command_line (&debian, ROOT);
  g_assert_cmpstr (text, ==, "root=UUID=" ROOT " " ODD "\n");
}

/* Where blscfg reads entries, no quote keeps a "$". */
static void
test_dollar (void)
{
  LodgeTemplate bad = odd;
  LodgeBuildOptions options = { .output = (char *)"/nowhere/x.raw", .source_date_epoch = -1 };
  g_autoptr (GError) error = NULL;

  bad.kernel_command_line = (char *)"ro memmap=4G$1G";
  g_assert_null (lodge_build_plan_make (&bad, &options, NULL, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "has a \"$\" in KernelCommandLine="));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/disk-bls/menu", test_menu);
  g_test_add_func ("/disk-bls/odd-words", test_odd_words);
  g_test_add_func ("/disk-bls/versions", test_versions);
  g_test_add_func ("/disk-bls/names", test_names);
  g_test_add_func ("/disk-bls/debian-as-it-is", test_debian_as_it_is);
  g_test_add_func ("/disk-bls/dollar", test_dollar);
  return g_test_run ();
}
