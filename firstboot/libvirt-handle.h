/* libvirt: handles that close themselves, its errors as ours, and the connection to this host.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

/* g_autoptr (virConnect) and so on. */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (virConnect, virConnectClose)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (virDomain, virDomainFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (virNetwork, virNetworkFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (virStoragePool, virStoragePoolFree)

/* Sets ERROR to "WHAT: libvirt's message" for the last call of this thread that failed.  Always
 * returns FALSE. */
gboolean lodge_libvirt_error (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Connects to qemu:///system, with libvirt's default event loop registered first.  A daemon that
 * does not answer within a minute is an error. */
virConnect *lodge_libvirt_open (GCancellable *cancellable, GError **error);
