/* The system's log (systemd-journald), which the image keeps in memory to spare the stick: once
 * there is VM storage it is kept there. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /var/log/journal is a bind mount of a directory of the storage, and journald is told to be
 * persistent. journald writes there only after systemd-journal-flush.service, which requires what
 * is mounted at /var/log/journal: on a boot without the storage disk that unit fails, and the log
 * stays in memory and off the stick.
 */
#pragma once

#include <gio/gio.h>

/* Where it is kept, on the storage. */
#define LODGE_SYSTEM_LOG_DIRECTORY "/var/lib/libvirt/images/.lodge/journal"

/* The texts of the mount unit var-log-journal.mount and of the drop-in of journald.conf. */
const char *lodge_system_log_mount_text (void);
const char *lodge_system_log_configuration_text (void);

/* Moves the log to the mounted VM storage, now and for every boot to come.  Run again it changes
 * nothing. */
gboolean lodge_system_log_keep (const char *root, GCancellable *cancellable, GError **error);
