/* Name-based UUIDs (version 5): the same name gives the same UUID, so a build is repeatable.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

#define LODGE_UUID_BYTES 16

/* RFC 4122, 4.3: the UUIDv5 of NAME in NAMESPACE_ID, lower case; free with g_free. */
char *lodge_uuid_from_name (const guint8 namespace_id[LODGE_UUID_BYTES], const char *name);
