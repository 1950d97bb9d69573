/* Sentences on standard error: how they begin is decided here alone.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * As of GNU's programs and libguestfs': the program's name stands before what went wrong and before
 * what is worth knowing, so that a line of a log tells whose it is.  It stands neither before a
 * result nor before progress nor before a question.
 */
#pragma once

#include <glib.h>

/* What stands before a sentence that is no failure: "lodge: note: ". */
#define LODGE_SAY_NOTE "lodge: note: "

/* "lodge: MESSAGE": what went wrong. */
void lodge_say_error (const char *message);

/* What may not be meant, or is otherwise worth knowing, and stops nothing. */
void lodge_say_note (const char *format, ...) G_GNUC_PRINTF (1, 2);
