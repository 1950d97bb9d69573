/* What must be true of a root tree: its kernels.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/root-check.h"
#include "builder/root-modules.h"
#include "common/error.h"
#include "tests/unit/fixture.h"
#include "tests/unit/valgrind.h"

#include <string.h>

static void
put (const char *tree, const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *full = g_build_filename (tree, path, NULL);

  lodge_file_replace (full, text, -1, 0644, &error);
  g_assert_no_error (error);
}

static void
refused (const char *tree, const char *sentence)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lodge_root_kernels (tree, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, sentence));
}

/* The second kernel counts as the first does. */
static void
test_kernels (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *tree = NULL;
  g_auto (GStrv) versions = NULL;

  if (skip_under_valgrind ("openat2(2)"))
    return;
  tree = make_directory ();
  refused (tree, "have no kernel");
  put (tree, "boot/vmlinuz-6.1", "kernel");
  refused (tree, "the kernel /boot/vmlinuz-6.1, but no modules");
  put (tree, "usr/lib/modules/6.1/modules.dep", "a.ko: b.ko\n");
  put (tree, "usr/lib/modules/6.12/modules.order", "a.ko\n");
  refused (tree, "modules of Linux 6.12, but no /boot/vmlinuz-6.12");
  put (tree, "boot/vmlinuz-6.12", "kernel");
  refused (tree, "Linux 6.12 could load none of its modules");
  put (tree, "usr/lib/modules/6.12/modules.dep", "");
  refused (tree, "depmod made no /usr/lib/modules/6.12/modules.dep");
  put (tree, "usr/lib/modules/6.12/modules.dep", "a.ko:\n");
  versions = lodge_root_kernels (tree, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (versions), ==, 2);
  g_assert_cmpstr (versions[0], ==, "6.1");
  g_assert_cmpstr (versions[1], ==, "6.12");
  remove_directory (tree);
}

/* Modules that came after depmod, wherever they are; one that stands in for another is known by
 * its name. */
static void
test_modules (void)
{
  g_autofree char *tree = NULL;
  g_autofree char *none = NULL;
  g_autofree char *unknown = NULL;

  if (skip_under_valgrind ("openat2(2)"))
    return;
  tree = make_directory ();
  put (tree, "boot/vmlinuz-6.1", "kernel");
  put (tree, "usr/lib/modules/6.1/modules.dep",
       "kernel/drivers/md/dm-raid.ko.xz: kernel/drivers/md/raid456.ko.xz\n"
       "updates/e1000e.ko:\n");
  put (tree, "usr/lib/modules/6.1/kernel/drivers/md/dm-raid.ko.xz", "");
  put (tree, "usr/lib/modules/6.1/kernel/drivers/net/e1000e.ko.xz", "");
  put (tree, "usr/lib/modules/6.1/updates/e1000e.ko", "");
  put (tree, "usr/lib/modules/6.1/build/sample.ko", "");
  put (tree, "usr/lib/modules/6.1/modules.alias", "");
  none = lodge_root_unknown_module (tree, "6.1");
  g_assert_null (none);
  put (tree, "usr/lib/modules/6.1/updates/dkms/zfs.ko.zst", "");
  unknown = lodge_root_unknown_module (tree, "6.1");
  g_assert_cmpstr (unknown, ==, "updates/dkms/zfs.ko.zst");
  refused (tree, "could not load its module updates/dkms/zfs.ko.zst");
  remove_directory (tree);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/root-check/kernels", test_kernels);
  g_test_add_func ("/root-check/modules", test_modules);
  return g_test_run ();
}
