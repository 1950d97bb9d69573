/* The answers of a change (`--reconfigure`): what a file says, over what the host is.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/present.h"

/* The answers of FILE for the host under ROOT.  A section that FILE does not have stays as it is,
 * but for what a [match …] section that fits says; one that it has counts whole, but for the way to
 * an address: without ipv4= the present one stays with address and gateway, without ipv6= likewise,
 * and without both the name servers and search domains. */
LodgeAnswers *lodge_change_load (const char *root, const char *file, const LodgePresent *present,
                                 GError **error);

/* ANSWERS as such a file: with the heads of the sections that can be changed, and the ways to an
 * address, also when they are at their default.  Secrets are in it.  Free with g_free. */
char *lodge_change_format (const LodgeAnswers *answers);

/* lodge_plan_change() for what was read. */
LodgePlan *lodge_change_plan (const LodgeFacts *facts, const LodgePresent *present,
                              const LodgeAnswers *answers, GError **error);
