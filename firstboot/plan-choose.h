/* The choices of a plan: which disks, which network port, which NAT network.  Pure, as plan.h.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/plan.h"

/* Fills PLAN's disks by its answers and the layout's needs (plan-disks.c). */
gboolean lodge_plan_choose_disks (LodgePlan *plan, const LodgeFacts *facts, GError **error);

/* Fills PLAN's port_name and port_mac (plan-network.c). */
gboolean lodge_plan_choose_port (LodgePlan *plan, const LodgeFacts *facts, GError **error);

/* Fills PLAN's nat_network when the answers want NAT (plan-network.c). */
gboolean lodge_plan_choose_nat_network (LodgePlan *plan, const LodgeFacts *facts, GError **error);

/* A deep copy, by way of answers.conf's own text. */
LodgeAnswers *lodge_plan_copy_answers (const LodgeAnswers *answers, GError **error);
