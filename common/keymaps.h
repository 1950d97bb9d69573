/* The console keymaps that a system has.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ROOT is "" for this system, else the folder that another is in.
 */
#pragma once

#include <glib.h>

/* Compiled into the kernel (drivers/tty/vt/defkeymap.map): it needs no file. */
#define LODGE_KERNEL_KEYMAP "us"

/* systemd's, of keymaps that can be made from an X description of the keyboard. */
#define LODGE_MODEL_MAP "/usr/share/systemd/kbd-model-map"

/* Whether ROOT has a file for KEYMAP. */
gboolean lodge_keymaps_have (const char *root, const char *keymap);

/* The row of LODGE_MODEL_MAP that begins with KEYMAP: keymap, layout, model, variant, options (""
 * for "-"), or NULL; free with g_strfreev. */
GStrv lodge_keymap_model (const char *root, const char *keymap);

/* Whether ROOT has anything to tell keymaps by. */
gboolean lodge_keymaps_are_known (const char *root);

/* The names of all with a file, sorted, the kernel's own among them, as char *. */
GPtrArray *lodge_keymaps_list (const char *root);
