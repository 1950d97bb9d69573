/* What `apply` said, in the language of the screens.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It is a process of its own and speaks English, for the journal and the report; its sentences are
 * in the translations (N_ ()) as the formats that they were made with.
 */
#pragma once

#include <glib.h>

/* SENTENCE in the language in use, as far as it was made with formats that have a translation: what
 * stands in their places, before them ("…: ") and behind them (": …", " (…)") is looked up the same
 * way, and words of libraries and of the kernel stay as they are.  Free with g_free. */
char *lodge_said_translate (const char *sentence);
