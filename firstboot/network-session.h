/* A conversation with NetworkManager: libnm is asynchronous, steps are not.  Calls are awaited, and
 * conditions waited for, by running a main loop of the session's own until D-Bus brings the answer.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   g_autoptr (GAsyncResult) result = NULL;
 *   nm_client_activate_connection_async (session->client, …, lodge_network_ready, &result);
 *   lodge_network_await (session, &result);
 *   active = nm_client_activate_connection_finish (session->client, result, error);
 */
#pragma once

#include <NetworkManager.h>
#include <nm-autoptr.h>

typedef struct
{
  GMainContext *loop;
  NMClient *client;
} LodgeNetworkSession;

/* Fails when NetworkManager does not run. */
LodgeNetworkSession *lodge_network_session_open (GCancellable *cancellable, GError **error);
void lodge_network_session_close (LodgeNetworkSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeNetworkSession, lodge_network_session_close)

/* The callback for calls that are awaited; SLOT is a GAsyncResult ** that holds NULL. */
void lodge_network_ready (GObject *source, GAsyncResult *result, gpointer slot);
void lodge_network_await (LodgeNetworkSession *session, GAsyncResult **slot);

/* Runs the loop until CONDITION (DATA) holds, which is asked anew after every message; TRUE when it
 * came to hold, FALSE after SECONDS or when CANCELLABLE (or NULL) was triggered. */
gboolean lodge_network_wait (LodgeNetworkSession *session, guint seconds, GCancellable *cancellable,
                             gboolean (*condition) (gpointer data), gpointer data);

/* The Ethernet device with the permanent address MAC (its current address when the driver knows no
 * permanent one); NULL when there is none.  Owned by the client. */
NMDevice *lodge_network_find_port (LodgeNetworkSession *session, const char *mac);

/* The profile that has the UUID of PROFILE, or NULL.  Owned by the client. */
NMRemoteConnection *lodge_network_find_profile (LodgeNetworkSession *session,
                                                NMConnection *profile);

/* Changes PROFILE to SETTINGS (NULL: only FLAGS matter).  Not cancellable. */
gboolean lodge_network_update_profile (LodgeNetworkSession *session, NMRemoteConnection *profile,
                                       GVariant *settings, NMSettingsUpdate2Flags flags,
                                       GError **error);
