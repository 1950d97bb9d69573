/* What people call a keymap.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

/* "German" for "de-latin1"; NULL for the many that are called by their name alone. */
const char *lodge_keymap_title (const char *keymap);
