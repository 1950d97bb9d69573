/* The removable path on the ESP follows the packages.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/boot-loaders.h"

#include <glib/gstdio.h>

#include "common/file.h"

#define BOOT "boot/efi/EFI/BOOT/"
#define VENDOR "boot/efi/EFI/centos/"

typedef struct
{
  char *root;
} Fixture;

static void
put (const Fixture *fixture, const char *path, const char *text)
{
  g_autofree char *full = g_build_filename (fixture->root, path, NULL);
  g_autoptr (GError) error = NULL;

  lodge_file_replace (full, text, -1, 0700, &error);
  g_assert_no_error (error);
}

static void
assert_text (const Fixture *fixture, const char *path, const char *wanted)
{
  g_autofree char *full = g_build_filename (fixture->root, path, NULL);
  g_autofree char *text = NULL;

  g_file_get_contents (full, &text, NULL, NULL);
  g_assert_cmpstr (text, ==, wanted);
}

static void
update (const Fixture *fixture, guint wanted)
{
  g_autoptr (GError) error = NULL;
  guint changed = 99;

  lodge_boot_loaders_update (fixture->root, &changed, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (changed, ==, wanted);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  (void)data;
  fixture->root = g_dir_make_tmp ("lodge-boot-loaders-XXXXXX", NULL);
  g_assert_nonnull (fixture->root);
  put (fixture, BOOT "BOOTX64.EFI", "shim 1");
  put (fixture, BOOT "grubx64.efi", "grub 1");
  put (fixture, BOOT "mmx64.efi", "mok 1");
  put (fixture, BOOT "grub.cfg", "the stub");
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  remove_tree (fixture->root);
  g_free (fixture->root);
}

/* What an update of shim-x64 and grub2-efi-x64 leaves on the ESP. */
static void
test_enterprise_linux (Fixture *fixture, gconstpointer data)
{
  (void)data;
  put (fixture, VENDOR "shimx64.efi", "shim 1");
  put (fixture, VENDOR "gcdx64.efi", "grub 1");
  put (fixture, VENDOR "grubx64.efi", "grub 1 with another prefix");
  put (fixture, VENDOR "mmx64.efi", "mok 1");
  update (fixture, 0);
  put (fixture, VENDOR "shimx64.efi", "shim 2");
  put (fixture, VENDOR "gcdx64.efi", "grub, the second");
  put (fixture, BOOT "BOOTX64.EFI", "shim 2");
  put (fixture, BOOT "fbx64.efi", "fallback");
  update (fixture, 2);
  assert_text (fixture, BOOT "BOOTX64.EFI", "shim 2");
  assert_text (fixture, BOOT "grubx64.efi", "grub, the second");
  assert_text (fixture, BOOT "mmx64.efi", "mok 1");
  assert_text (fixture, BOOT "grub.cfg", "the stub");
  assert_text (fixture, BOOT "fbx64.efi", NULL);
  update (fixture, 0);
}

static void
test_debian (Fixture *fixture, gconstpointer data)
{
  (void)data;
  put (fixture, "usr/lib/shim/shimx64.efi.signed", "shim 2");
  put (fixture, "usr/lib/shim/mmx64.efi.signed", "mok 1");
  put (fixture, "usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed", "grub 2");
  update (fixture, 2);
  assert_text (fixture, BOOT "BOOTX64.EFI", "shim 2");
  assert_text (fixture, BOOT "grubx64.efi", "grub 2");
  update (fixture, 0);
}

/* A package that was cut short does not take the host's boot loader with it. */
static void
test_empty (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint changed;

  (void)data;
  put (fixture, VENDOR "shimx64.efi", "shim 2");
  put (fixture, VENDOR "gcdx64.efi", "");
  g_assert_false (lodge_boot_loaders_update (fixture->root, &changed, &error));
  g_assert_nonnull (error);
  assert_text (fixture, BOOT "grubx64.efi", "grub 1");
  assert_text (fixture, BOOT "BOOTX64.EFI", "shim 1");
}

static void
test_nothing_there (Fixture *fixture, gconstpointer data)
{
  g_autofree char *stub = g_build_filename (fixture->root, BOOT "grub.cfg", NULL);

  (void)data;
  update (fixture, 0); /* no package has any */
  put (fixture, VENDOR "shimx64.efi", "shim 2");
  put (fixture, BOOT "fbx64.efi", "somebody's");
  g_assert_cmpint (g_unlink (stub), ==, 0);
  update (fixture, 0);
  assert_text (fixture, BOOT "BOOTX64.EFI", "shim 1");
  assert_text (fixture, BOOT "fbx64.efi", "somebody's");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/boot-loaders/enterprise-linux", test_enterprise_linux);
  ADD ("/boot-loaders/debian", test_debian);
  ADD ("/boot-loaders/empty", test_empty);
  ADD ("/boot-loaders/nothing-there", test_nothing_there);
#undef ADD
  return g_test_run ();
}
