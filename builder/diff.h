/* What differs between two images.  Pure: compares what inspect.h found.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

/* The differences between the facts FIRST and SECOND (lodge_inspect(), or "path" and "manifest"
 * alone), as `lodge diff --json` prints them (lodge(1)).  What only one of them knows, because the
 * other is a manifest, is not compared.  Free with json_object_unref. */
JsonObject *lodge_diff (JsonObject *first, JsonObject *second);

/* Whether DIFFERENCES says that the two are the same. */
gboolean lodge_diff_is_same (JsonObject *differences);

/* DIFFERENCES for people, empty when there are none; free with g_free. */
char *lodge_diff_describe (JsonObject *differences);
