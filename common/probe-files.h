/* Reading the small text files of /proc, /sys, /dev and /run, of the running machine or of a
 * captured tree, and what only a system call can tell, which a capture keeps in one file. Copyright
 * (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Paths are given as on the machine ("/sys/block/%s/size") and looked up below the probe's sysroot.
 * A file that is missing or cannot be read is NULL, not an error: most attributes exist on some
 * machines only, and the caller says what their absence means.
 */
#pragma once

#include "common/disks.h"

/* Facts of a captured tree come from files alone: no system call asks this machine. */
gboolean lodge_probe_is_captured (const LodgeProbe *probe);

/* The file's place in this process' view: sysroot and path.  Free with g_free. */
char *lodge_probe_path (const LodgeProbe *probe, const char *format, ...) G_GNUC_PRINTF (2, 3);

gboolean lodge_probe_exists (const LodgeProbe *probe, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The file's text without surrounding blanks; NULL when missing, unreadable or empty. */
char *lodge_probe_read (const LodgeProbe *probe, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The file's bytes as they are; NULL when missing or unreadable. */
GBytes *lodge_probe_read_bytes (const LodgeProbe *probe, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

/* The decimal number in the file, FALLBACK when there is none. */
gint64 lodge_probe_number (const LodgeProbe *probe, gint64 fallback, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* The names in a directory as char *, sorted with numbers by value (sd2 before sd10); empty, never
 * NULL, when there is no such directory. */
GPtrArray *lodge_probe_list (const LodgeProbe *probe, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The last component of what a symbolic link names ("…/driver" -> "virtio_net"), or NULL. */
char *lodge_probe_link_name (const LodgeProbe *probe, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The path with all symbolic links resolved, as seen on the machine ("/sys/devices/…"), or NULL. */
char *lodge_probe_resolve (const LodgeProbe *probe, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* --- what a capture keeps of system calls: run/lodge-capture/machine.conf --- */

#define LODGE_CAPTURE_DIRECTORY "/run/lodge-capture"

/* The value of KEY in [SECTION], or NULL.  Only for captured trees. */
char *lodge_capture_value (const LodgeProbe *probe, const char *section, const char *key);
