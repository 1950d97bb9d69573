/* NetworkManager's checkpoints: a state of all devices that it goes back to, on request or by
 * itself when nobody confirms in time. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/network-session.h"

/* Makes a checkpoint over all devices that rolls itself back after SECONDS; its D-Bus path (free
 * with g_free) or NULL.  It is noted in /run/lodge, so that a run after this process was killed
 * knows it for its own. */
char *lodge_network_checkpoint_create (LodgeNetworkSession *session, guint seconds,
                                       GCancellable *cancellable, GError **error);

/* Goes back to the checkpoint, which ends with it.  Not cancellable. */
gboolean lodge_network_checkpoint_rollback (LodgeNetworkSession *session, const char *path,
                                            GError **error);

/* Keeps what was done since; the checkpoint ends. */
gboolean lodge_network_checkpoint_destroy (LodgeNetworkSession *session, const char *path,
                                           GError **error);

/* Goes back to a checkpoint that an earlier run of ours made and neither kept nor rolled back;
 * *FOUND tells whether there was one. */
gboolean lodge_network_checkpoint_recover (LodgeNetworkSession *session, gboolean *found,
                                           GError **error);
