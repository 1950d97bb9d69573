/* systemd units in the overlay, and the links that enable them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The units come after the packages' presets were applied, into a root that nothing runs in any
 * more: what `systemctl enable` would do for them is done here (systemd.unit(5), "[INSTALL] SECTION
 * OPTIONS").
 */
#include "builder/overlay-private.h"
#include "common/error.h"
#include "common/file.h"

#include <string.h>

#define UNIT_DIRECTORY "usr/lib/systemd/system"
#define ADMINISTRATOR_DIRECTORY "etc/systemd/system"

enum
{
  UNIT_LIMIT = 256 * 1024, /* bytes; a unit is a page of text */
};

static gboolean
is_unit (const char *name)
{
  static const char *const suffixes[]
      = { ".service", ".socket", ".target", ".timer", ".path", ".mount", ".automount" };

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (name, suffixes[i]))
      return TRUE;
  return FALSE;
}

gboolean
lodge_overlay_add_units (LodgeOverlay *overlay, const char *directory, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GDir) handle = g_dir_open (directory, 0, &failure);
  const char *name;

  if (handle == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "read the directory %s: %s", directory,
                            failure->message);
  while ((name = g_dir_read_name (handle)) != NULL)
    if (is_unit (name))
      {
        g_autofree char *source = g_build_filename (directory, name, NULL);
        g_autofree char *path = g_build_filename (UNIT_DIRECTORY, name, NULL);

        lodge_overlay_add_file (overlay, path, source, FALSE);
      }
  return TRUE;
}

/* Adds one link for each word of VALUE, by the rule of KEY.  FALSE when KEY has no rule here. */
static gboolean
add_links (LodgeOverlay *overlay, const LodgeOverlayEntry *unit, const char *key, const char *value)
{
  g_autofree char *name = g_path_get_basename (unit->path);
  g_autofree char *target = g_strconcat ("/", unit->path, NULL);
  g_auto (GStrv) words = g_strsplit_set (value, " \t", -1);
  const char *suffix;

  if (strcmp (key, "WantedBy") == 0)
    suffix = ".wants";
  else if (strcmp (key, "RequiredBy") == 0)
    suffix = ".requires";
  else if (strcmp (key, "Alias") == 0)
    suffix = NULL;
  else
    return FALSE;
  for (char **word = words; *word != NULL; word++)
    {
      g_autofree char *path
          = suffix != NULL
                ? g_strdup_printf (ADMINISTRATOR_DIRECTORY "/%s%s/%s", *word, suffix, name)
                : g_strdup_printf (ADMINISTRATOR_DIRECTORY "/%s", *word);

      if (**word != '\0')
        lodge_overlay_add_link (overlay, path, target);
    }
  return TRUE;
}

/* Reads TEXT's [Install] section.  GKeyFile would drop the first of two WantedBy= lines. */
static gboolean
enable_unit (LodgeOverlay *overlay, const LodgeOverlayEntry *unit, const char *text, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  gboolean install = FALSE;

  for (char **line = lines; *line != NULL; line++)
    {
      char *equals;

      g_strstrip (*line);
      if (**line == '[')
        install = strcmp (*line, "[Install]") == 0;
      if (!install || **line == '[' || **line == '\0' || **line == '#' || **line == ';')
        continue;
      equals = strchr (*line, '=');
      if (equals != NULL)
        *equals = '\0';
      if (equals == NULL || !add_links (overlay, unit, g_strchomp (*line), equals + 1))
        return lodge_error_set (error, LODGE_ERROR_USAGE,
                                "%s:%d: [Install] of a unit that Lodge enables has WantedBy=, "
                                "RequiredBy= and Alias= only",
                                unit->source, (int)(line - lines) + 1);
    }
  return TRUE;
}

/* Whether ENTRY is a unit that can be enabled: not a drop-in, not an instance's pattern
 * ("name@.service"). */
static gboolean
is_enableable (const LodgeOverlayEntry *entry)
{
  g_autofree char *directory = g_path_get_dirname (entry->path);

  return entry->kind == LODGE_OVERLAY_FILE && entry->source != NULL && is_unit (entry->path)
         && strstr (entry->path, "@.") == NULL
         && (strcmp (directory, UNIT_DIRECTORY) == 0
             || strcmp (directory, ADMINISTRATOR_DIRECTORY) == 0);
}

gboolean
lodge_overlay_enable_units (LodgeOverlay *overlay, const char *const *disabled, GError **error)
{
  g_autoptr (GPtrArray) entries = lodge_overlay_sorted (overlay);

  for (guint i = 0; i < entries->len; i++)
    {
      const LodgeOverlayEntry *entry = g_ptr_array_index (entries, i);
      g_autofree char *name = g_path_get_basename (entry->path);
      g_autofree char *text = NULL;

      if (!is_enableable (entry) || g_strv_contains (disabled, name))
        continue;
      text = lodge_file_read (entry->source, UNIT_LIMIT, NULL, error);
      if (text == NULL || !enable_unit (overlay, entry, text, error))
        return FALSE;
    }
  return TRUE;
}
