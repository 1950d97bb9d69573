/* Files of a machine of `lodge boot` that have no name: they are gone when QEMU ends, however it
 * ends. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * QEMU inherits them, as /dev/fd/N.  Each function returns -1 with ERROR set when it fails.
 */
#pragma once

#include <glib.h>

/* A blank file of SIZE bytes that takes room only as it is written to, in $TMPDIR or /var/tmp. */
int lodge_boot_file_blank (guint64 size, GError **error);
/* A copy of the file PATH, in memory. */
int lodge_boot_file_copy (const char *path, GError **error);
/* ANSWERS (the text of an answers.conf) as the string of SMBIOS type 11 that systemd takes as the
 * credential lodge.answers (systemd.system-credentials(7)), in memory. */
int lodge_boot_file_answers (const char *answers, gsize length, GError **error);
