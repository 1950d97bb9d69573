/* The removable path on the ESP follows the packages that bring shim and GRUB.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Firmware starts a stick by EFI/BOOT/BOOTX64.EFI.  Updates write elsewhere: Enterprise Linux's to
 * EFI/centos on the ESP (and a new shim with its fallback program to EFI/BOOT), Debian's to
 * /usr/lib.  What is left behind is refused by firmware some day, when a fault in it is revoked.
 */
#pragma once

#include <glib.h>

/* Below ROOT ("" for the host's own): makes the programs in /boot/efi/EFI/BOOT those that packages
 * brought, one by one, each aside and renamed, and removes the fallback program fbx64.efi, which
 * would write entries into every machine's firmware.  Nothing is done when the host does not start
 * from there.  *CHANGED is the number of files that were.  A power cut leaves a host that
 * starts. */
gboolean lodge_boot_loaders_update (const char *root, guint *changed, GError **error);
