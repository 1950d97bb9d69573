/* The way from profiles to a network that works and is saved.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/network-ports.h"
#include "firstboot/step.h"

/* Gives PROFILES to NetworkManager in memory, starts them on PORTS, verifies the outcome
 * (network-verify.h) and saves them to disk; the profiles STALE (network-stale.h) go.  On failure
 * whatever was done by then stays: the caller holds a checkpoint (network-checkpoint.h). */
gboolean lodge_network_change (const LodgeNetworkPorts *ports, LodgeStepContext *context,
                               const GPtrArray *profiles, const GPtrArray *stale, GError **error);
