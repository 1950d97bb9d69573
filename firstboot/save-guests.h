/* Saving on the VM storage what libvirt has defined (guest-store.h has the format).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Read from libvirt's own files and not asked of its daemons: these files are what libvirt itself
 * finds its guests by after a boot (virDomainGetXMLDesc() with INACTIVE and SECURE gives the same
 * text), systemd tells when they change, and they can be read while the daemons do not run, as at
 * shutdown.
 */
#pragma once

#include <glib.h>

/* Brings STORE up to date with what libvirt below ROOT ("" on a host) has defined: definitions,
 * whether each starts with the host, UEFI variables, the state of emulated TPMs.  What is not
 * defined any more is removed, but for what no host could define yet ("not-defined").  When a
 * definition cannot be read, nothing of its kind is removed.  *CHANGED (or NULL) counts what was
 * written and removed: 0 when all was as it should be. */
gboolean lodge_save_guests (const char *root, const char *store, guint *changed, GError **error);

/* Saves to the mounted VM storage, if this host is the one that saves there, until nothing changes
 * any more.  *REASON receives why nothing was saved (no VM storage, not mounted, another host's);
 * free with g_free. */
gboolean lodge_save_guests_here (guint *changed, char **reason, GError **error);

/* Opens the store on the mounted VM storage; -1 without ERROR when nothing is mounted there or
 * there is no store (unless MAKE: then it is made, and nothing mounted is an error).  While the
 * descriptor is open the storage cannot be unmounted, so /proc/self/fd/N always is on it. */
int lodge_guest_store_open (gboolean make, GError **error);
