/* The libvirt networks that guests are plugged into: what the step "guest-networks" would be
 * stopped by, before a change begins.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/libvirt-handle.h"
#include "firstboot/plan.h"

/* Whether the networks of CONNECTION can become what PLAN says: one that has to be another and has
 * running guests plugged in cannot.  Changes nothing.  FALSE with LODGE_ERROR_REFUSED names the
 * network, its guests and the mend. */
gboolean lodge_guest_networks_check (virConnect *connection, const LodgePlan *plan, GError **error);
