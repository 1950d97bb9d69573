/* The table of output formats.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/format.h"

#include <string.h>

static const LodgeFormat formats[] = {
  { "raw", ".raw", lodge_format_raw_write },
  { "qcow2", ".qcow2", lodge_format_qcow2_write },
};

const LodgeFormat *
lodge_format_find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (strcmp (formats[i].name, name) == 0)
      return &formats[i];
  return NULL;
}

char *
lodge_format_names (void)
{
  GString *names = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    g_string_append_printf (names, "%s%s", i == 0 ? "" : ", ", formats[i].name);
  return g_string_free (names, FALSE);
}
