/* Boot loader entries carry the host's machine id.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * kernel-install(8) names an entry MACHINEID-VERSION.conf, and removes by the machine id that it
 * finds when the kernel goes.  An image is made before any host: its entries have another id, and
 * would stay in the menu when their kernels are gone.
 */
#pragma once

#include <glib.h>

/* Below ROOT ("" for the host's own): renames the entries in /boot/loader/entries that have another
 * machine id, and changes grub2's saved and next entry with them.  An entry that the host has of
 * its own for the same version is left alone, and so is the other.  Nothing is done where there are
 * no such entries.  *RENAMED is their number.  Idempotent, and a power cut leaves entries that
 * boot. */
gboolean lodge_boot_entries_adopt (const char *root, guint *renamed, GError **error);
