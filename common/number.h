/* Whole numbers as text.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Not g_ascii_string_to_unsigned() and its sister: their first call in a process makes GLib's C
 * locale, under a lock, between `errno = 0' and the look at errno.  When another thread holds the
 * lock for a moment the futex leaves EAGAIN there, and a good number is refused (GLib 2.74, seen
 * once in twenty runs of a program with two threads on two processors).
 */
#pragma once

#include <glib.h>

/* TRUE when TEXT is decimal digits and nothing else, at least one, and their value is between
 * MINIMUM and MAXIMUM; *NUMBER is set then only. */
gboolean lodge_number_parse (const char *text, guint64 minimum, guint64 maximum, guint64 *number);
