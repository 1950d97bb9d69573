/* The answers that go on a disk: a whole answers.conf, or one host's.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The text for the disk, checked: the file PATH as it is, or, with HOST (a MAC address, a UUID or a
 * serial number), what it gives that host alone, and HOST must be in one of its [match …] sections.
 * Hosts that clash (classroom.h) are LODGE_ERROR_USAGE; with HOST, only clashes of its own are.
 * Free with g_free. */
char *lodge_flash_answers (const char *path, const char *host, GError **error);
