/* Names of boot loader entries.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/bls-name.h"

#include <string.h>

gboolean
lodge_bls_is_entry_of (const char *name, const char *version)
{
  const char *dash = strchr (name, '-'); /* a machine id has none */
  g_autofree char *suffix = g_strdup_printf ("-%s.conf", version);

  return dash != NULL && strcmp (dash, suffix) == 0;
}
