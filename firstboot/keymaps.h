/* The console keymaps that an image has.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Compiled into the kernel (drivers/tty/vt/defkeymap.map): it needs no file. */
#define LODGE_KERNEL_KEYMAP "us"

/* Whether ROOT has a file for KEYMAP. */
gboolean lodge_keymaps_have (const char *root, const char *keymap);

/* The names of all, sorted, the kernel's own among them, as char *. */
GPtrArray *lodge_keymaps_list (const char *root);

/* "German" for "de-latin1"; NULL for the many that are called by their name alone. */
const char *lodge_keymap_title (const char *keymap);
