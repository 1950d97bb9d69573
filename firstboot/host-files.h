/* Small work on the host's configuration files, below a root directory.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* ROOT with the absolute PATH appended; free with g_free. */
char *lodge_host_path (const char *root, const char *path);

/* Whether PATH is there under ROOT (symbolic links followed as usual). */
gboolean lodge_host_has (const char *root, const char *path);

/* Where writing to PATH has to go: PATH under ROOT, or what it is a symbolic link to (one step; an
 * absolute target is taken below ROOT).  Debian 13's /etc/vconsole.conf links to default/keyboard.
 */
char *lodge_host_target (const char *root, const char *path);

/* Sets KEY=VALUE lines (shell assignments, as in /etc/locale.conf) in the file PATH under ROOT:
 * lines of these keys are replaced, missing ones appended, all others stay.  PAIRS is key, value,
 * key, value, NULL.  Values are quoted.  A missing file is made (0644). */
gboolean lodge_host_assign (const char *root, const char *path, const char *const *pairs,
                            GError **error);

/* The value that KEY has in the file PATH under ROOT by the last line KEY=VALUE, unquoted; NULL
 * when there is none.  Free with g_free. */
char *lodge_host_assigned (const char *root, const char *path, const char *key);

/* Writes TEXT to PATH under ROOT (0644) unless it holds just that; *CHANGED (or NULL) tells. */
gboolean lodge_host_write (const char *root, const char *path, const char *text, gboolean *changed,
                           GError **error);
