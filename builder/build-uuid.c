/* The UUIDs of a build.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/plan.h"
#include "common/uuid.h"

/* Lodge's own namespace, 3d1f6c1e-8a57-4b0e-9c63-5e0b7a4df2c9: a random (version 4) UUID, made
 * once.  Must never change: it would change every UUID of every image. */
static const guint8 build_namespace[LODGE_UUID_BYTES]
    = { 0x3d, 0x1f, 0x6c, 0x1e, 0x8a, 0x57, 0x4b, 0x0e,
        0x9c, 0x63, 0x5e, 0x0b, 0x7a, 0x4d, 0xf2, 0xc9 };

char *
lodge_build_uuid (const char *build_hash, const char *role)
{
  g_autofree char *name = g_strdup_printf ("%s/%s", build_hash, role);

  return lodge_uuid_from_name (build_namespace, name);
}
