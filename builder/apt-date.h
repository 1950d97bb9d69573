/* When a release was made, as its archive says.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* TEXT, a date of a Release file ("Sat, 12 Sep 2026 07:55:41 UTC": as in mail, always in UTC; see
 * https://wiki.debian.org/DebianRepository/Format), in seconds since 1970.  FALSE when it cannot be
 * understood. */
gboolean lodge_apt_date_parse (const char *text, gint64 *seconds);

/* The field Date of SUITE's signed file in LISTS, a directory of apt's. */
gboolean lodge_apt_date_read (const char *lists, const char *suite, gint64 *seconds,
                              GError **error);
