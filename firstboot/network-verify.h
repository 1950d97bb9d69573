/* Is the bridge what the answers ask for, and does its gateway answer?
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/network-session.h"
#include "firstboot/step.h"

/* Waits up to SECONDS for the addresses and gateways that the plan's answers ask for on their
 * bridge, then asks each gateway for an answer (neighbour.h).  What was found goes into
 * context->measured as "addresses", "gateway", "gateway6" and "gateway_ms".  A network that gives
 * no gateway at all (VMware's host-only one) is told, not refused; an IPv6 gateway that is silent
 * beside a working IPv4 too. */
gboolean lodge_network_verify (LodgeNetworkSession *session, LodgeStepContext *context,
                               guint seconds, GError **error);
