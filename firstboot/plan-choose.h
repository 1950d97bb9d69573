/* The choices of a plan: which disks, which network port, which NAT network.  Pure, as plan.h.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/plan.h"

/* Fills PLAN's disks by its answers and the layout's needs (plan-disks.c). */
gboolean lodge_plan_choose_disks (LodgePlan *plan, const LodgeFacts *facts, GError **error);

/* The same for the layout adopt: the disks that are Lodge's VM storage, their file system and what
 * is saved there (plan-adopt.c). */
gboolean lodge_plan_choose_adopted (LodgePlan *plan, const LodgeFacts *facts, GError **error);

/* Of plan-disks.c, for plan-adopt.c: "vda (…): blank; vdb (…): holds …", or "no disk at all"; the
 * one disk that SELECTOR names; DISK as one of PLAN's, and whether what is on it may be erased. */
char *lodge_plan_list_disks (const GPtrArray *disks);
const LodgeDisk *lodge_plan_find_selected (const LodgeFacts *facts, const LodgeSelector *selector,
                                           GError **error);
char *lodge_plan_suggest_selector (const LodgeDisk *disk);
void lodge_plan_add_disk (LodgePlan *plan, const LodgeDisk *disk, gboolean erase);

/* Fills PLAN's port_names and port_macs (plan-network.c). */
gboolean lodge_plan_choose_ports (LodgePlan *plan, const LodgeFacts *facts, GError **error);

/* Fills PLAN's nat_network when the answers want NAT (plan-network.c). */
gboolean lodge_plan_choose_nat_network (LodgePlan *plan, const LodgeFacts *facts, GError **error);

/* A deep copy, by way of answers.conf's own text. */
LodgeAnswers *lodge_plan_copy_answers (const LodgeAnswers *answers, GError **error);

/* An empty plan for a copy of ANSWERS (plan.c; so the next two). */
LodgePlan *lodge_plan_new (const LodgeAnswers *answers, GError **error);
/* Makes PLAN's disks and file system those of EARLIER. */
void lodge_plan_copy_storage (LodgePlan *plan, const LodgePlan *earlier);
/* Whether the two [storage] sections say the same. */
gboolean lodge_plan_same_storage (const LodgeAnswers *a, const LodgeAnswers *b);

/* Whether two IPv4 networks, "192.0.2.10/24", have addresses in common (plan-network.c). */
gboolean lodge_plan_networks_overlap (const char *a, const char *b);
