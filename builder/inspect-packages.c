/* The packages in an image, from the text of its package database.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/inspect.h"

#include <string.h>

/* The value of FIELD in STANZA, a list of lines "Field: value", or NULL. */
static const char *
get_field (char **stanza, const char *field)
{
  gsize length = strlen (field);

  for (char **line = stanza; *line != NULL; line++)
    if (g_ascii_strncasecmp (*line, field, length) == 0 && (*line)[length] == ':')
      return g_strchug (*line + length + 1);
  return NULL;
}

/* One package, as `lodge inspect --json` has it. */
static JsonObject *
make_package (const char *name, const char *version, const char *architecture)
{
  JsonObject *package = json_object_new ();

  json_object_set_string_member (package, "architecture", architecture);
  json_object_set_string_member (package, "name", name);
  json_object_set_string_member (package, "version", version);
  return package;
}

static int
compare_packages (const void *a, const void *b)
{
  JsonObject *first = *(JsonObject *const *)a;
  JsonObject *second = *(JsonObject *const *)b;

  return strcmp (json_object_get_string_member (first, "name"),
                 json_object_get_string_member (second, "name"));
}

/* PACKAGES by name; their objects are taken over. */
static JsonArray *
sort_packages (GPtrArray *packages)
{
  JsonArray *array = json_array_new ();

  g_ptr_array_sort (packages, compare_packages);
  for (guint i = 0; i < packages->len; i++)
    json_array_add_object_element (array, g_ptr_array_index (packages, i));
  return array;
}

JsonArray *
lodge_inspect_dpkg_status (const char *status)
{
  g_auto (GStrv) stanzas = g_strsplit (status, "\n\n", -1);
  g_autoptr (GPtrArray) packages = g_ptr_array_new ();

  for (char **stanza = stanzas; *stanza != NULL; stanza++)
    {
      g_auto (GStrv) lines = g_strsplit (*stanza, "\n", -1);
      const char *name = get_field (lines, "Package");
      const char *state = get_field (lines, "Status");
      const char *version = get_field (lines, "Version");
      const char *architecture = get_field (lines, "Architecture");

      /* "install ok installed"; "deinstall ok config-files" is a package that is gone. */
      if (name == NULL || version == NULL || state == NULL
          || !g_str_has_suffix (state, " installed"))
        continue;
      g_ptr_array_add (packages,
                       make_package (name, version, architecture != NULL ? architecture : ""));
    }
  return sort_packages (packages);
}

/* Keys are in the database as if they were packages. */
JsonArray *
lodge_inspect_rpm_list (const char *list)
{
  g_auto (GStrv) lines = g_strsplit (list, "\n", -1);
  g_autoptr (GPtrArray) packages = g_ptr_array_new ();

  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) words = g_strsplit (*line, " ", -1);

      if (g_strv_length (words) == 3 && strcmp (words[0], "gpg-pubkey") != 0)
        g_ptr_array_add (packages, make_package (words[0], words[1], words[2]));
    }
  return sort_packages (packages);
}
