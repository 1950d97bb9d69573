/* The result of the virtualization check, for people and for programs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <json-glib/json-glib.h>
#include "firstboot/probe.h"

/* "ready", "ready-with-warnings" or "not-ready". */
const char *lodge_checks_result (const GPtrArray *checks);

/* "pass", "warning" or "fail". */
const char *lodge_check_level_name (LodgeCheckLevel level);

/* "This machine can run VMs with KVM, but 2 things make it worse than it could be." */
char *lodge_checks_summary (const GPtrArray *checks);

/* Of a console of 80, which wraps after the 80th. */
#define LODGE_CHECKS_COLUMNS 79

/* The checks, one paragraph each, in WIDTH columns, and the summary.  Free with g_free. */
char *lodge_checks_format (const GPtrArray *checks, guint width, gboolean colour);

/* {"result": "ready", "checks": [{"id": …, "level": …, "sentence": …, "mend": … or null}]} */
JsonNode *lodge_checks_to_json (const GPtrArray *checks);
