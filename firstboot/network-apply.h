/* Puts profiles into effect, or leaves the network as it was.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything happens inside one NetworkManager checkpoint: should this process die, NetworkManager
 * rolls back by itself.  Profiles live in memory (/run) until the network has been seen to work and
 * are written to disk only then: should the machine die, it starts with the network it had.
 */
#pragma once

#include "firstboot/step.h"

/* Makes PROFILES (network-profiles.h) the way PORT_MACS are used.  Done at once when that already
 * is so and the gateway answers.  Every failure is one sentence; by then the network is restored.
 */
gboolean lodge_network_apply (LodgeStepContext *context, const GPtrArray *profiles,
                              const char *const *port_macs, GError **error);
