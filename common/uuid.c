/* Name-based UUIDs (version 5).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/uuid.h"

#include <string.h>

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
