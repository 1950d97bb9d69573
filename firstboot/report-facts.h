/* The facts as JSON.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <json-glib/json-glib.h>
#include "firstboot/probe.h"

/* Adds the member "host" to OBJECT: what the machine is. */
void lodge_report_facts_add_host (JsonObject *object, const LodgeHost *host);

/* Adds the members "host", "checks", "disks", "ports" and "kernel-routes" to OBJECT. */
void lodge_report_facts_add (JsonObject *object, const LodgeFacts *facts);
