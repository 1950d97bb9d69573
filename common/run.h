/* Running another program: argv only, never a shell, and its last words become our error.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* Runs ARGV (NULL-terminated, ARGV[0] looked up in PATH) to its end with INPUT (or NULL: /dev/null)
 * on its standard input and LC_ALL=C.UTF-8.  Returns its standard output (with the trailing newline
 * removed; free with g_free), or NULL with ERROR set: "PROGRAM: last non-empty line of its standard
 * error" for a non-zero exit status, "PROGRAM is not installed" when it does not exist, and
 * G_IO_ERROR_CANCELLED when CANCELLABLE is triggered, in which case the program was killed and
 * reaped.  The program is killed too when the calling process ends before it. */
char *lodge_run (const char *const *argv, const char *input, GCancellable *cancellable,
                 GError **error);

/* As lodge_run(), for programs whose exit status is an answer (`systemctl is-active`): STATUS
 * receives it, and only a program that could not be run or was killed by a signal is an error. */
char *lodge_run_status (const char *const *argv, const char *input, int *status,
                        GCancellable *cancellable, GError **error);

/* As lodge_run() for a list of arguments that ends with NULL; no input, not cancellable. */
char *lodge_run_list (GError **error, const char *program, ...) G_GNUC_NULL_TERMINATED;
