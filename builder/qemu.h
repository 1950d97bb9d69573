/* QEMU's programs, wherever the distribution puts them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The full path of the system emulator for x86-64, or NULL with ERROR set: how to install it.  Free
 * with g_free. */
char *lodge_qemu_find_emulator (GError **error);
