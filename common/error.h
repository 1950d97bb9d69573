/* The one error domain of Lodge, and what each kind means to the caller of a program.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A GError is filled once, where the failure is understood, as one sentence: what, where, what to
 * do.  On the way up callers add context with g_prefix_error().  Nothing below main() prints.
 */
#pragma once

#include <glib.h>

#define LODGE_ERROR (lodge_error_quark ())

/* Each kind is one exit status of the programs (see lodge(1), "EXIT STATUS"). */
typedef enum
{
  LODGE_ERROR_FAILED,    /* the work could not be done: exit status 1 */
  LODGE_ERROR_USAGE,     /* bad command line, template or answers: exit status 2 */
  LODGE_ERROR_REFUSED,   /* would have put data at risk: exit status 3 */
  LODGE_ERROR_DIFFERENT, /* no failure, but the answer of a comparison, which has been printed: exit
                            status 1 */
} LodgeError;

GQuark lodge_error_quark (void);

/* The exit status for ERROR: 2 or 3 for the kinds above, 1 for anything else (errors of other
 * domains, as GIO's, included), 0 for NULL. */
int lodge_error_exit_status (const GError *error);

/* Sets ERROR to "MESSAGE: strerror (ERRNUM)" in the kind LODGE_ERROR_FAILED.  Always returns FALSE,
 * so that a caller can write `return lodge_error_set_errno (error, errno, "open %s", path);`. */
gboolean lodge_error_set_errno (GError **error, int errnum, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* As g_set_error() in our domain; always returns FALSE. */
gboolean lodge_error_set (GError **error, LodgeError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* TEXT between quotation marks, cut off when it is long, fit for a console whatever it holds: for
 * error sentences that repeat what someone wrote.  Free with g_free. */
char *lodge_error_quote (const char *text);
