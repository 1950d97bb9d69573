/* The table of output formats.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/format.h"

#include <string.h>

#include "common/error.h"

static const LodgeFormat formats[] = {
  { "raw", ".raw", 0, NULL, lodge_format_raw_write }, /* the image itself under another name */
  { "raw.zst", ".raw.zst", 1, "zstd", lodge_format_zst_write },
  { "qcow2", ".qcow2", 1, NULL, lodge_format_qcow2_write },
  { "vmdk", ".vmdk", 1, NULL, lodge_format_vmdk_write },
  { "ova", ".ova", 2, NULL, lodge_format_ova_write },
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

gboolean
lodge_format_check_name (const char *path, GError **error)
{
  static const char *const others[] = { "ovf", "vdi", "vhd", "vhdx", "qcow", "qed", "iso" };
  const char *dot = strrchr (path, '.');
  g_autofree char *names = lodge_format_names ();

  for (gsize i = 0; dot != NULL && i < G_N_ELEMENTS (others); i++)
    if (g_ascii_strcasecmp (dot + 1, others[i]) == 0)
      return lodge_error_set (error, LODGE_ERROR_USAGE,
                              "the output %s is named as a %s image, but there is no format "
                              "\"%s\"; there are %s",
                              path, others[i], others[i], names);
  return TRUE;
}
