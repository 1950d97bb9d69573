/* One line to every active console: the screen may be a monitor, a serial line or IPMI's.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Names of the terminals that a person may be looking at: the kernel's active consoles
 * (/sys/class/tty/console/active under ROOT) with the first virtual terminal, tty1, always among
 * them (in the place of tty0, which only means "the virtual terminal in front").  Free with
 * g_strfreev. */
GStrv lodge_console_names (const char *root);

/* Writes TEXT (lines) to each of them, as ROOT/dev/NAME; control characters are replaced.  SKIP is
 * the path of a terminal that has it already, or NULL; a console that is held (below) shows it by
 * itself or is not to be written over.  A terminal that cannot be opened, hangs or
 * stands still is given up after a bounded time: a dead serial line must not stop setup.  Returns
 * how many terminals took the whole text. */
guint lodge_console_write (const char *root, const char *text, const char *skip);

/* Holds the console NAME ("tty1") for the life of this process, which shows screens on it.  A
 * terminal that is no console, or that another process holds, is held all the same: nobody writes
 * there. */
gboolean lodge_console_hold (const char *root, const char *name, GError **error);
