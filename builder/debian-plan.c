/* What `fetch` learned and `make_root` needs, in files below the build's own directory.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/apt-text.h"
#include "builder/debian-tree.h"
#include "common/file.h"

enum
{
  LIMIT = 4 * 1024 * 1024, /* bytes */
};

#define ORDER "install-order"
#define SOURCES "image-sources"

gboolean
lodge_debian_plan_save (const char *work, const LodgeAptOrder *order, const char *sources,
                        GError **error)
{
  g_autofree char *text = order != NULL ? lodge_apt_order_format (order) : g_strdup ("");
  g_autofree char *order_path = g_build_filename (work, ORDER, NULL);
  g_autofree char *sources_path = g_build_filename (work, SOURCES, NULL);

  return lodge_file_replace (order_path, text, -1, 0600, error)
         && lodge_file_replace (sources_path, sources, -1, 0600, error);
}

gboolean
lodge_debian_plan_load (const char *work, LodgeAptOrder **order, char **sources, GError **error)
{
  g_autofree char *order_path = g_build_filename (work, ORDER, NULL);
  g_autofree char *sources_path = g_build_filename (work, SOURCES, NULL);
  g_autofree char *text = lodge_file_read (order_path, LIMIT, NULL, error);

  *order = NULL;
  *sources = text != NULL ? lodge_file_read (sources_path, LIMIT, NULL, error) : NULL;
  if (*sources == NULL)
    return FALSE;
  *order = lodge_apt_order_parse (text);
  return TRUE;
}
