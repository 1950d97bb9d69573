/* What is done to the tree of an RPM distribution after its packages.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/disk-private.h"
#include "builder/el-tree.h"
#include "builder/root-check.h"
#include "builder/tree.h"
#include "common/error.h"

/* As the distribution means it: its presets disable what no preset enables, and the template's come
 * before them.  Scriptlets did the same for each package, but for those that came before the preset
 * files. */
static gboolean
apply_presets (LodgeElTree *tree, GError **error)
{
  const char *const argv[] = { "systemctl", "--root=/", "preset-all", NULL };

  return lodge_root_check_units (tree->build, tree->path, error)
         && lodge_el_tree_run (tree, argv, error);
}

/* The directory below EFI/ that the distribution calls its own: the one with shim in it. */
static char *
find_vendor (const LodgeElTree *tree)
{
  g_auto (GStrv) names = lodge_tree_list (tree->path, "boot/efi/EFI", "");

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *shim = g_build_filename ("boot/efi/EFI", *name, "shimx64.efi", NULL);

      if (lodge_tree_has (tree->path, shim))
        return g_strdup (*name);
    }
  return NULL;
}

/* Packages put the boot loaders for UEFI where the ESP will be mounted over them: they are gathered
 * for disk-bootloader.c, which removes them again. */
static gboolean
gather_boot_loaders (LodgeElTree *tree, GError **error)
{
  static const char *const programs[] = { "shimx64.efi", "gcdx64.efi", "mmx64.efi" };
  g_autofree char *vendor = find_vendor (tree);
  g_autoptr (GPtrArray) copy = g_ptr_array_new_with_free_func (g_free);
  const char *const make[] = { "mkdir", "--parents", LODGE_DISK_EL_LOADERS, NULL };
  const char *const move[] = { "mv", "/boot/efi/EFI", LODGE_DISK_EL_LOADERS "/EFI", NULL };

  if (vendor == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "no package brought shimx64.efi: is shim-x64 in the template?");
  g_ptr_array_add (copy, g_strdup ("cp"));
  g_ptr_array_add (copy, g_strdup ("--target-directory=" LODGE_DISK_EL_LOADERS));
  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    g_ptr_array_add (copy, g_strdup_printf ("/boot/efi/EFI/%s/%s", vendor, programs[i]));
  g_ptr_array_add (copy, NULL);
  return lodge_el_tree_run (tree, make, error)
         && lodge_el_tree_run (tree, (const char *const *)copy->pdata, error)
         && lodge_el_tree_run (tree, move, error);
}

static const char *const removed[] = {
  "/etc/resolv.conf", /* NetworkManager writes it */
  "/etc/lvm/devices",
  "/etc/hostid",
  "/var/lib/dbus/machine-id",
  "/var/lib/systemd/random-seed",
  "/var/lib/systemd/credential.secret",
  "/var/lib/NetworkManager/secret_key",
  "/var/cache/ldconfig/aux-cache",
  "/var/cache/dnf",
  "/var/lib/dnf/history.sqlite", /* the moment of the build, and its process's number */
  "/var/lib/dnf/history.sqlite-shm",
  "/var/lib/dnf/history.sqlite-wal",
  "/var/log/dnf.log",
  "/var/log/dnf.rpm.log",
  "/var/log/dnf.librepo.log",
  "/var/log/hawkey.log",
  "/etc/passwd-",
  "/etc/group-",
  "/etc/shadow-",
  "/etc/gshadow-",
  "/etc/subuid-",
  "/etc/subgid-",
  "/root/.bash_history",
};

static gboolean
remove_traces (LodgeElTree *tree, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  const char *const keys[]
      = { "find", "/etc/ssh", "-maxdepth", "1", "-name", "ssh_host_*", "-delete", NULL };
  const char *const files[]
      = { "find", "/var/log", "/var/tmp", "-type", "f", "-size", "+0", "-delete", NULL };

  g_ptr_array_add (argv, (gpointer) "rm");
  g_ptr_array_add (argv, (gpointer) "-rf");
  for (gsize i = 0; i < G_N_ELEMENTS (removed); i++)
    g_ptr_array_add (argv, (gpointer)removed[i]);
  g_ptr_array_add (argv, NULL);
  return lodge_el_tree_run (tree, (const char *const *)argv->pdata, error)
         && (!lodge_tree_has (tree->path, "etc/ssh") || lodge_el_tree_run (tree, keys, error))
         && lodge_el_tree_run (tree, files, error);
}

static gboolean
write_identity (LodgeElTree *tree, GError **error)
{
  const LodgeTemplate *template = tree->build->plan->template;
  g_autofree char *hostname = g_strconcat (template->hostname, "\n", NULL);
  const struct
  {
    const char *path;
    const char *text;
    int mode;
  } files[] = {
    /* Empty: systemd makes one at the first boot (machine-id(5)). */
    { "etc/machine-id", "", 0444 },
    { "etc/hostname", hostname, 0644 },
    { "etc/hosts", "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n", 0644 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    if (!lodge_tree_write (tree->path, files[i].path, files[i].text, files[i].mode, error))
      return FALSE;
  return TRUE;
}

gboolean
lodge_el_finish (LodgeElTree *tree, const char *uuid, GError **error)
{
  lodge_progress_step (tree->build->progress, "check", "Check what was installed");
  return lodge_el_check_packages (tree, error) && apply_presets (tree, error)
         && lodge_el_check_kernels (tree, uuid, error) && lodge_el_check_selinux (tree, error)
         && gather_boot_loaders (tree, error) && remove_traces (tree, error)
         && write_identity (tree, error)
         && lodge_root_check_locked (tree->build, tree->path, error);
}
