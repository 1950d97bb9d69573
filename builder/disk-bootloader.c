/* Boot loaders: GRUB for BIOS, the distribution's signed shim and GRUB for UEFI.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/disk-private.h"
#include "common/error.h"

#include <string.h>

/* How a family's packages lay out kernels and boot loaders.  All paths are those in the image. */
typedef struct
{
  LodgeFamilyKind family;
  const char *shim; /* signed by Microsoft */
  const char *grub; /* signed by the distribution */
  const char *mok_manager;
  const char *vendor; /* the directory below EFI/ that the signed GRUB has as its prefix, or NULL:
                         EFI/BOOT */
  const char *esp;    /* directory whose content goes to the ESP before all this, or NULL; it is
                         removed then */
  const char *grub_install;
  const char *grub_directory;
  const char *kernel_prefix;
  const char *initramfs_prefix;
  const char *initramfs_suffix;
  const char *settings;    /* of the distribution's own menu maker */
  const char *kernel_hook; /* what runs the menu maker when a kernel comes or goes */
  gboolean entries;        /* kernels bring boot loader entries: see disk-bls.c */
} Bootloader;

/* Debian 13's grubx64.efi.signed has the prefix /EFI/debian; its gcdx64.efi.signed looks for a CD's
 * /.disk/info first (`strings`, and build-efi-images in Debian's source package grub2). */
static const Bootloader bootloaders[] = {
  {
      .family = LODGE_FAMILY_DEBIAN,
      .shim = "/usr/lib/shim/shimx64.efi.signed",
      .grub = "/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed",
      .mok_manager = "/usr/lib/shim/mmx64.efi.signed",
      .vendor = "debian",
      .grub_install = "grub-install",
      .grub_directory = "/boot/grub",
      .kernel_prefix = "/boot/vmlinuz-",
      .initramfs_prefix = "/boot/initrd.img-",
      .initramfs_suffix = "",
      .settings = "/etc/default/grub.d/lodge.cfg",
      .kernel_hook = "/etc/kernel/postinst.d/zz-update-grub",
  },
  /* el-finish.c gathers the signed programs from the vendor's directory.  gcdx64.efi of
   * grub2-efi-x64-cdboot has the prefix /EFI/BOOT (grub.macros of grub2). */
  {
      .family = LODGE_FAMILY_EL,
      .shim = LODGE_DISK_EL_LOADERS "/shimx64.efi",
      .grub = LODGE_DISK_EL_LOADERS "/gcdx64.efi",
      .mok_manager = LODGE_DISK_EL_LOADERS "/mmx64.efi",
      .esp = LODGE_DISK_EL_LOADERS,
      .grub_install = "grub2-install",
      .grub_directory = "/boot/grub2",
      .kernel_prefix = "/boot/vmlinuz-",
      .initramfs_prefix = "/boot/initramfs-",
      .initramfs_suffix = ".img",
      .settings = "/etc/default/grub",
      .kernel_hook = "/usr/lib/kernel/install.d/20-grub.install",
      .entries = TRUE,
  },
};

static const Bootloader *
find_bootloader (const LodgeDisk *disk, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bootloaders); i++)
    if (bootloaders[i].family == disk->plan->template->family)
      return &bootloaders[i];
  lodge_error_set (error, LODGE_ERROR_FAILED,
                   "this version of lodge cannot install the boot loaders of %s",
                   disk->plan->template->os_name);
  return NULL;
}

/* Newest first. */
static int
compare_versions (const void *a, const void *b)
{
  return strverscmp (*(const char *const *)b, *(const char *const *)a);
}

/* The versions of the installed kernels, newest first; NULL with ERROR set when there is none. */
static GStrv
list_kernels (const LodgeDisk *disk, const Bootloader *bootloader, GError **error)
{
  g_autofree char *pattern = g_strconcat (bootloader->kernel_prefix, "*", NULL);
  g_auto (GStrv) paths = guestfs_glob_expand (disk->g, pattern);

  if (paths == NULL)
    {
      lodge_guestfs_error (disk->g, error, "look for kernels in the image");
      return NULL;
    }
  if (paths[0] == NULL)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "there is no kernel in the image (%s); the template's [Packages] must "
                       "install one",
                       pattern);
      return NULL;
    }
  for (char **path = paths; *path != NULL; path++)
    memmove (*path, *path + strlen (bootloader->kernel_prefix),
             strlen (*path) - strlen (bootloader->kernel_prefix) + 1);
  qsort (paths, g_strv_length (paths), sizeof *paths, compare_versions);
  return g_steal_pointer (&paths);
}

static gboolean
write_file (const LodgeDisk *disk, const char *path, const char *text, GError **error)
{
  if (guestfs_write (disk->g, path, text, strlen (text)) != 0)
    return lodge_guestfs_error (disk->g, error, "write %s in the image", path);
  return TRUE;
}

static gboolean
make_directory (const LodgeDisk *disk, const char *path, GError **error)
{
  if (guestfs_mkdir_p (disk->g, path) != 0)
    return lodge_guestfs_error (disk->g, error, "make the directory %s in the image", path);
  return TRUE;
}

static gboolean
copy_to_esp (const LodgeDisk *disk, const char *source, const char *name, GError **error)
{
  g_autofree char *target = g_strconcat (LODGE_DISK_ESP_MOUNT "/EFI/BOOT/", name, NULL);

  if (guestfs_cp (disk->g, source, target) != 0)
    return lodge_guestfs_error (disk->g, error, "copy %s to the EFI system partition", source);
  return TRUE;
}

/* What packages own on the ESP, so that their updates find it, without the fallback program. */
static gboolean
copy_packaged (const LodgeDisk *disk, const Bootloader *bootloader, GError **error)
{
  g_autofree char *directory
      = bootloader->esp != NULL ? g_strconcat (bootloader->esp, "/EFI", NULL) : NULL;

  if (directory == NULL)
    return TRUE;
  if (guestfs_cp_r (disk->g, directory, LODGE_DISK_ESP_MOUNT) != 0
      || guestfs_rm_f (disk->g, LODGE_DISK_ESP_MOUNT "/EFI/BOOT/fbx64.efi") != 0)
    return lodge_guestfs_error (disk->g, error, "copy %s to the EFI system partition", directory);
  return TRUE;
}

static gboolean
remove_gathered (const LodgeDisk *disk, const Bootloader *bootloader, GError **error)
{
  if (bootloader->esp != NULL && guestfs_rm_rf (disk->g, bootloader->esp) != 0)
    return lodge_guestfs_error (disk->g, error, "remove %s from the image", bootloader->esp);
  return TRUE;
}

/* GRUB's prefix is a constant under its signature; EFI/BOOT is where another build of it looks. */
static gboolean
write_stubs (const LodgeDisk *disk, const Bootloader *bootloader, GError **error)
{
  g_autofree char *stub = lodge_disk_menu_stub (disk->root_uuid, bootloader->grub_directory);
  g_autofree char *vendor = bootloader->vendor != NULL ? g_strconcat (LODGE_DISK_ESP_MOUNT "/EFI/",
                                                                      bootloader->vendor, NULL)
                                                       : NULL;
  g_autofree char *vendor_stub = vendor != NULL ? g_strconcat (vendor, "/grub.cfg", NULL) : NULL;

  if (!write_file (disk, LODGE_DISK_ESP_MOUNT "/EFI/BOOT/grub.cfg", stub, error))
    return FALSE;
  return vendor == NULL
         || (make_directory (disk, vendor, error) && write_file (disk, vendor_stub, stub, error));
}

/* Only the removable-media path, which needs no entry in the firmware's memory: a stick goes from
 * machine to machine.  No fbx64.efi beside it: with it shim would write such entries, and restarts
 * for ever on some machines with a TPM. */
static gboolean
install_uefi (const LodgeDisk *disk, const Bootloader *bootloader, GError **error)
{
  return copy_packaged (disk, bootloader, error)
         && make_directory (disk, LODGE_DISK_ESP_MOUNT "/EFI/BOOT", error)
         && copy_to_esp (disk, bootloader->shim, "BOOTX64.EFI", error)
         && copy_to_esp (disk, bootloader->grub, "grubx64.efi", error)
         && copy_to_esp (disk, bootloader->mok_manager, "mmx64.efi", error)
         && write_stubs (disk, bootloader, error) && remove_gathered (disk, bootloader, error);
}

/* Translations, fonts and themes are left out: a menu on a serial line has none. */
static gboolean
install_bios (const LodgeDisk *disk, const Bootloader *bootloader, GError **error)
{
  char *argv[] = { (char *)bootloader->grub_install,
                   (char *)"--target=i386-pc",
                   (char *)"--boot-directory=/boot",
                   (char *)"--locales=",
                   (char *)"--fonts=",
                   (char *)"--themes=",
                   (char *)LODGE_APPLIANCE_DISK,
                   NULL };
  g_autofree char *output = guestfs_command (disk->g, argv);

  if (output == NULL)
    return lodge_guestfs_error (disk->g, error, "install GRUB for BIOS in the image");
  return TRUE;
}

static gboolean
write_settings (const LodgeDisk *disk, const Bootloader *bootloader, const char *settings,
                GError **error)
{
  g_autofree char *directory = g_path_get_dirname (bootloader->settings);

  return make_directory (disk, directory, error)
         && write_file (disk, bootloader->settings, settings, error);
}

/* The file that later kernels, and grub2-reboot, write their choice to (1024 bytes, see
 * grub-core/lib/envblk.c). */
static gboolean
write_environment (const LodgeDisk *disk, const Bootloader *bootloader, GError **error)
{
  static const char signature[] = "# GRUB Environment Block\n";
  g_autofree char *path = g_strconcat (bootloader->grub_directory, "/grubenv", NULL);
  char block[1025];

  memset (block, '#', sizeof block - 1);
  block[sizeof block - 1] = '\0';
  memcpy (block, signature, strlen (signature));
  return write_file (disk, path, block, error);
}

static gboolean
install_entries_menu (const LodgeDisk *disk, const Bootloader *bootloader, const char *path,
                      GError **error)
{
  g_autofree char *settings = lodge_disk_bls_settings (disk->plan);
  g_autofree char *menu = NULL;
  /* The signed GRUB for UEFI is of the same source: it has the command when this one has. */
  int has_blscfg = guestfs_is_file (disk->g, "/usr/lib/grub/i386-pc/blscfg.mod");

  if (has_blscfg < 0)
    return lodge_guestfs_error (disk->g, error, "look for GRUB's module blscfg in the image");
  menu = lodge_disk_bls_menu (disk->plan, disk->root_uuid, has_blscfg != 0);
  return write_file (disk, path, menu, error) && write_settings (disk, bootloader, settings, error)
         && write_environment (disk, bootloader, error) && lodge_disk_bls_write (disk, error);
}

static gboolean
install_menu (const LodgeDisk *disk, const Bootloader *bootloader, GError **error)
{
  g_autofree char *path = g_strconcat (bootloader->grub_directory, "/grub.cfg", NULL);
  g_autofree char *settings = lodge_disk_menu_settings (disk->plan);
  g_auto (GStrv) versions = list_kernels (disk, bootloader, error);
  g_autofree char *menu = NULL;

  if (versions == NULL)
    return FALSE;
  if (bootloader->entries)
    return install_entries_menu (disk, bootloader, path, error);
  menu = lodge_disk_menu (disk->plan, disk->root_uuid, (const char *const *)versions,
                          bootloader->kernel_prefix, bootloader->initramfs_prefix,
                          bootloader->initramfs_suffix);
  return write_file (disk, path, menu, error) && write_settings (disk, bootloader, settings, error);
}

gboolean
lodge_disk_install_bootloader (const LodgeDisk *disk, GError **error)
{
  const Bootloader *bootloader = find_bootloader (disk, error);

  return bootloader != NULL && install_uefi (disk, bootloader, error)
         && install_bios (disk, bootloader, error) && install_menu (disk, bootloader, error);
}

/* PATH is a file with something in it. */
static gboolean
check_file (const LodgeDisk *disk, const char *path, GError **error)
{
  gint64 size = guestfs_filesize (disk->g, path);

  if (size < 0)
    return lodge_guestfs_error (disk->g, error, "%s is not in the image", path);
  if (size == 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s in the image is empty", path);
  return TRUE;
}

static gboolean
check_esp (const LodgeDisk *disk, GError **error)
{
  static const char *const files[] = {
    LODGE_DISK_ESP_MOUNT "/EFI/BOOT/BOOTX64.EFI",
    LODGE_DISK_ESP_MOUNT "/EFI/BOOT/grubx64.efi",
    LODGE_DISK_ESP_MOUNT "/EFI/BOOT/mmx64.efi",
    LODGE_DISK_ESP_MOUNT "/EFI/BOOT/grub.cfg",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    if (!check_file (disk, files[i], error))
      return FALSE;
  if (guestfs_is_file (disk->g, LODGE_DISK_ESP_MOUNT "/EFI/BOOT/fbx64.efi") != 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "EFI/BOOT/fbx64.efi is on the EFI system partition: shim would write "
                            "boot entries into every machine's firmware");
  return TRUE;
}

gboolean
lodge_disk_check_bootloader (const LodgeDisk *disk, GError **error)
{
  const Bootloader *bootloader = find_bootloader (disk, error);
  g_auto (GStrv) versions = bootloader != NULL ? list_kernels (disk, bootloader, error) : NULL;
  g_autofree char *path = NULL;
  g_autofree char *core = NULL;
  g_autofree char *menu = NULL;

  if (versions == NULL)
    return FALSE;
  for (char **version = versions; *version != NULL; version++)
    {
      g_autofree char *initramfs = g_strconcat (bootloader->initramfs_prefix, *version,
                                                bootloader->initramfs_suffix, NULL);

      if (!check_file (disk, initramfs, error))
        return FALSE;
    }
  path = g_strconcat (bootloader->grub_directory, "/grub.cfg", NULL);
  core = g_strconcat (bootloader->grub_directory, "/i386-pc/core.img", NULL);
  menu = guestfs_cat (disk->g, path);
  if (menu == NULL)
    return lodge_guestfs_error (disk->g, error, "read %s in the image", path);
  return (bootloader->entries ? lodge_disk_bls_check (disk, (const char *const *)versions, error)
                              : lodge_disk_menu_check (menu, disk->plan, disk->root_uuid,
                                                       (const char *const *)versions,
                                                       bootloader->kernel_prefix, error))
         && check_file (disk, core, error) && check_file (disk, bootloader->kernel_hook, error)
         && check_esp (disk, error);
}
