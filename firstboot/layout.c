/* The table of storage layouts.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/layout.h"

static const LodgeLayout *const layouts[] = {
  &lodge_layout_xfs,
  &lodge_layout_adopt,
  &lodge_layout_none,
};

const LodgeLayout *
lodge_layout_find (LodgeLayoutKind kind)
{
  for (gsize i = 0; i < G_N_ELEMENTS (layouts); i++)
    if (layouts[i]->kind == kind)
      return layouts[i];
  return NULL;
}

char *
lodge_layout_names (void)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (layouts); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            lodge_layout_kind_name (layouts[i]->kind));
  return g_string_free (g_steal_pointer (&names), FALSE);
}
