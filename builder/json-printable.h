/* JSON whose texts are shown to people.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

/* A copy of OBJECT whose strings are all fit for a terminal (common/printable.h), however deep they
 * lie: what an image says is anybody's.  Free with json_object_unref. */
JsonObject *lodge_json_printable (JsonObject *object);
