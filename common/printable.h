/* Text of others, fit for a terminal.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* TEXT (LENGTH bytes; -1: to its end) as valid UTF-8 without control characters, line ends among
 * them: those would move a terminal's cursor, set its title or forge a line.  Free with g_free. */
char *lodge_printable (const char *text, gssize length);
