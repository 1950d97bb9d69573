/* Translated words of the screens.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Only what the screens say is translated.  Ids, answers.conf, reports and the lines on consoles
 * are for programs too and stay as they are.
 */
#pragma once

#include <glib.h>

/* The text in the language in use; TEXT itself when there is no translation.  Owned by the
 * catalogue. */
const char *lodge_translate (const char *text) G_GNUC_FORMAT (1);

#define _(text) lodge_translate (text)
/* Marks a text in a table, which _() translates when it is shown. */
#define N_(text) text
