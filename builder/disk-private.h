/* What the files of the disk writer (disk-*.c) share.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include "builder/appliance.h"
#include "builder/guestfs-handle.h"
#include "builder/plan.h"

/* Where the ESP is mounted while the image is made, and on the host. */
#define LODGE_DISK_ESP_MOUNT "/boot/efi"
/* Where the LODGE file system is mounted while the image is made. */
#define LODGE_DISK_LODGE_MOUNT "/mnt"

/* Where el-finish.c gathers the boot loaders for UEFI: shimx64.efi, gcdx64.efi, mmx64.efi, and
 * below EFI/ all that packages put on the ESP. */
#define LODGE_DISK_EL_LOADERS "/usr/lib/lodge/efi"

/* One image being written.  libguestfs' calls have it as /dev/sda. */
typedef struct
{
  guestfs_h *g; /* not owned */
  const LodgeBuildPlan *plan;
  const char *build_hash;
  gint64 epoch; /* seconds since 1970; nothing in the image is younger */
  const char *root_uuid;
  guint32 esp_volume_id; /* FAT's serial number, its UUID for Linux */
  guint32 lodge_volume_id;
} LodgeDisk;

/* disk-partition.c */

/* sfdisk(8)'s script for PLAN's partition table. */
char *lodge_disk_partition_script (const LodgeBuildPlan *plan, const char *build_hash);
/* Puts the partition table and the FAT file systems in the file IMAGE; the root file system in it
 * stays as it is. */
gboolean lodge_disk_partition (const LodgeDisk *disk, const char *image, GCancellable *cancellable,
                               GError **error);
/* Makes the appliance forget what it has read of the image and read its partition table again: the
 * image was written from outside. */
gboolean lodge_disk_reread (guestfs_h *g, GError **error);
/* FAT's UUID as Linux writes it: "1234-ABCD". */
char *lodge_disk_fat_uuid (guint32 volume_id);

/* disk-bootloader.c */

/* Installs GRUB for BIOS, shim and GRUB for UEFI, and the boot menu.  The root file system is
 * mounted, the ESP below it. */
gboolean lodge_disk_install_bootloader (const LodgeDisk *disk, GError **error);
/* The boot loader's files and the boot menu, as the image has them, are what must be there. */
gboolean lodge_disk_check_bootloader (const LodgeDisk *disk, GError **error);

/* disk-menu.c */

/* grub.cfg of the ESP: finds the root file system and goes on with the boot menu there. */
char *lodge_disk_menu_stub (const char *root_uuid, const char *grub_directory);
/* The boot menu: one entry for each of VERSIONS, the first is the default. */
char *lodge_disk_menu (const LodgeBuildPlan *plan, const char *root_uuid,
                       const char *const *versions, const char *kernel_prefix,
                       const char *initramfs_prefix, const char *initramfs_suffix);
/* The same settings for the distribution's grub-mkconfig, which takes over with the next kernel. */
char *lodge_disk_menu_settings (const LodgeBuildPlan *plan);
/* Every entry of MENU boots from the file system ROOT_UUID with PLAN's command line, there is one
 * at least, and one for each of VERSIONS. */
gboolean lodge_disk_menu_check (const char *menu, const LodgeBuildPlan *plan, const char *root_uuid,
                                const char *const *versions, const char *kernel_prefix,
                                GError **error);

/* disk-bls.c */

/* grub.cfg that takes its entries from /boot/loader/entries each time, with GRUB's command blscfg
 * where HAS_BLSCFG. */
char *lodge_disk_bls_menu (const LodgeBuildPlan *plan, const char *root_uuid, gboolean has_blscfg);
/* /etc/default/grub beside it. */
char *lodge_disk_bls_settings (const LodgeBuildPlan *plan);
/* ENTRY, the text of a boot loader entry, with OPTIONS instead of those it has. */
char *lodge_disk_bls_set_options (const char *entry, const char *options);
/* Gives each boot loader entry of the image the file system's UUID and PLAN's command line. */
gboolean lodge_disk_bls_write (const LodgeDisk *disk, GError **error);
/* ENTRY, the text of PATH, has exactly those. */
gboolean lodge_disk_bls_check_entry (const char *path, const char *entry,
                                     const LodgeBuildPlan *plan, const char *root_uuid,
                                     GError **error);
/* One of PATHS is the entry of each of VERSIONS. */
gboolean lodge_disk_bls_check_versions (const char *const *paths, const char *const *versions,
                                        GError **error);
/* All entries of the image do, and each of the kernels VERSIONS has one. */
gboolean lodge_disk_bls_check (const LodgeDisk *disk, const char *const *versions, GError **error);

/* disk-content.c */

/* /etc/fstab. */
char *lodge_disk_fstab (const LodgeDisk *disk);
/* SHADOW, the text of /etc/shadow, with HASH as root's password; NULL with ERROR set when root is
 * not in it. */
char *lodge_disk_set_shadow (const char *shadow, const char *hash, GError **error);
/* What is written to the mounted file systems apart from boot loader and overlay. */
gboolean lodge_disk_write_content (const LodgeDisk *disk, const char *answers, GError **error);

/* disk-check.c */

/* What must be true of a bootable image without secrets, asked of the mounted file systems. */
gboolean lodge_disk_check (const LodgeDisk *disk, GError **error);
/* The first of the kernel's MESSAGES that tells of data which did not reach the disk, or NULL. */
char *lodge_disk_find_lost_write (const char *messages);
/* Everything reached the image.  QEMU stops the machine when there is no space left (disk-watch.c);
 * every other error (EIO, EDQUOT) goes to its kernel, which writes late and tells nobody: neither
 * umount(2) nor sync(2) fails for it.  The file systems are unmounted. */
gboolean lodge_disk_check_written (const LodgeDisk *disk, GError **error);
/* GRUB for BIOS is in the boot sectors of the file IMAGE. */
gboolean lodge_disk_check_boot_sectors (const LodgeDisk *disk, const char *image, GError **error);
/* The root file system in the file IMAGE is in order; the appliance is down. */
gboolean lodge_disk_check_filesystem (const LodgeDisk *disk, const char *image,
                                      GCancellable *cancellable, GError **error);

/* disk-watch.c */

/* Looks after an appliance at work on the file IMAGE: kills it when there is no space left for the
 * file, as QEMU then stops the machine and waits for ever, and when it takes longer than any work
 * can. */
typedef struct _LodgeDiskWatch LodgeDiskWatch;
LodgeDiskWatch *lodge_disk_watch_start (LodgeAppliance *appliance, const char *image);
/* Ends watching.  FALSE with ERROR set when the appliance was killed. */
gboolean lodge_disk_watch_stop (LodgeDiskWatch *watch, GError **error);
