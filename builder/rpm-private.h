/* What the readers of an RPM repository's metadata share.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The value of the attribute NAME among those that GMarkup gives; "" when there is none. */
const char *lodge_rpm_attribute (const char **names, const char **values, const char *name);

/* Adds the packages of the list PATH, primary.xml in any compression, whose digest was compared, to
 * TABLE as lodge_rpm_metadata_read() does. */
gboolean lodge_rpm_primary_read (const char *path, const char *id, GHashTable *table,
                                 GError **error);
