/* Does the machine with that address answer on this network?  ARP (RFC 826) for IPv4, neighbour
 * discovery (RFC 4861) for IPv6: unlike ping, no router may refuse them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* Makes the kernel resolve ADDRESS on INTERFACE anew and waits up to MILLISECONDS for the answer
 * (on netlink messages, see rtnetlink(7)).  *ANSWERED tells the outcome, *ELAPSED (or NULL) after
 * how many milliseconds.  FALSE with ERROR only when the question could not be asked. */
gboolean lodge_neighbour_answers (const char *interface, const char *address, guint milliseconds,
                                  GCancellable *cancellable, gboolean *answered, guint *elapsed,
                                  GError **error);
