/* Name-based UUIDs (version 5), and those of a build.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/uuid.h"

#include <string.h>

#include "builder/plan.h"

/* Lodge's own namespace, 3d1f6c1e-8a57-4b0e-9c63-5e0b7a4df2c9: a random (version 4) UUID, made
 * once.  Must never change: it would change every UUID of every image. */
static const guint8 build_namespace[LODGE_UUID_BYTES]
    = { 0x3d, 0x1f, 0x6c, 0x1e, 0x8a, 0x57, 0x4b, 0x0e,
        0x9c, 0x63, 0x5e, 0x0b, 0x7a, 0x4d, 0xf2, 0xc9 };

char *
lodge_uuid_from_name (const guint8 namespace_id[LODGE_UUID_BYTES], const char *name)
{
  guint8 digest[20];
  gsize length = sizeof digest;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  GString *text = g_string_new (NULL);

  g_checksum_update (checksum, namespace_id, LODGE_UUID_BYTES);
  g_checksum_update (checksum, (const guchar *)name, (gssize)strlen (name));
  g_checksum_get_digest (checksum, digest, &length);

  /* RFC 4122, 4.1.3 and 4.1.1: version 5, variant 10. */
  digest[6] = (digest[6] & 0x0f) | 0x50;
  digest[8] = (digest[8] & 0x3f) | 0x80;
  for (gsize i = 0; i < LODGE_UUID_BYTES; i++)
    {
      if (i == 4 || i == 6 || i == 8 || i == 10)
        g_string_append_c (text, '-');
      g_string_append_printf (text, "%02x", digest[i]);
    }
  return g_string_free (text, FALSE);
}

char *
lodge_build_uuid (const char *build_hash, const char *role)
{
  g_autofree char *name = g_strdup_printf ("%s/%s", build_hash, role);

  return lodge_uuid_from_name (build_namespace, name);
}
