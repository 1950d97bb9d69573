/* The system's log (systemd-journald), which the image keeps in memory to spare the stick: once
 * there is VM storage it is kept there. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /var/log/journal becomes a symbolic link to a directory of the storage, and journald is told to
 * use it when it is there (Storage=auto).  As long as the storage is not mounted the link leads
 * nowhere, and the log stays in memory and off the stick; when it is, lodge-log.service has
 * journald move the log over, and back before the storage is unmounted.
 *
 * It is a link and not a mount because systemd-journal-flush.service, which all of the boot waits
 * for, requires whatever is mounted at /var/log/journal: without the storage disk such a host does
 * not come up (tried: each unit that is restarted meanwhile queues the wait of 90 seconds anew).
 */
#pragma once

#include <gio/gio.h>

/* Where it is kept, on the storage. */
#define LODGE_SYSTEM_LOG_DIRECTORY "/var/lib/libvirt/images/.lodge/journal"

/* The texts of lodge-log.service and of the drop-in of journald.conf. */
const char *lodge_system_log_unit_text (void);
const char *lodge_system_log_configuration_text (void);

/* Moves the log to the mounted VM storage, now and for every boot to come.  Run again it changes
 * nothing.  A log that was kept on the stick so far stays there, as /var/log/journal.before. */
gboolean lodge_system_log_keep (GCancellable *cancellable, GError **error);
