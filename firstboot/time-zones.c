/* The time zones that an image has.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/time-zones.h"

#include "common/file.h"
#include "firstboot/host-files.h"
#include "firstboot/i18n.h"

#include <string.h>

#define ZONES "/usr/share/zoneinfo"
/* tzdata's own table: countries, place, zone, remark, with tabs between. */
#define TABLE ZONES "/zone1970.tab"
#define TABLE_LIMIT (1024 * 1024)

char *
lodge_time_zone_current (const char *root)
{
  g_autofree char *link = lodge_host_path (root, "/etc/localtime");
  g_autofree char *target = g_file_read_link (link, NULL);
  const char *zone = target != NULL ? strstr (target, "zoneinfo/") : NULL;

  if (zone == NULL || g_str_has_suffix (zone, "/Etc/UTC"))
    return g_strdup ("UTC");
  return g_strdup (zone + strlen ("zoneinfo/"));
}

gboolean
lodge_time_zone_exists (const char *root, const char *zone)
{
  g_autofree char *path = g_strconcat (root, ZONES "/", zone, NULL);

  return !lodge_host_has (root, ZONES) || g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
list_zones (const char *root)
{
  GPtrArray *zones = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = lodge_host_path (root, TABLE);
  g_autofree char *text = lodge_file_read (path, TABLE_LIMIT, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);

  g_ptr_array_add (zones, g_strdup ("UTC"));
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) columns = g_strsplit (lines[i], "\t", -1);

      if (lines[i][0] != '#' && g_strv_length (columns) >= 3)
        g_ptr_array_add (zones, g_strdup (columns[2]));
    }
  g_ptr_array_sort (zones, compare);
  return zones;
}

LodgeForm *
lodge_time_zones_form (const char *root, const char *zone)
{
  LodgeForm *form = lodge_form_new ("time-zones", _ ("Time zone"));
  LodgeField *field = lodge_form_add (form, LODGE_FIELD_LIST, "zones", NULL, "UTC");
  g_autoptr (GPtrArray) zones = list_zones (root);

  form->text = g_strdup (_ ("A letter jumps to the zones that begin with it."));
  for (guint i = 0; i < zones->len; i++)
    lodge_field_add_row (field, zones->pdata[i], zones->pdata[i], NULL, NULL);
  if (lodge_field_row (field, zone) != NULL)
    lodge_field_set_value (field, zone);
  lodge_form_add_back_and_next (form);
  return form;
}
