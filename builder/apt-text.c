/* Packages and their order as text.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/apt-text.h"
#include "common/number.h"

#include <string.h>

static void
free_package (gpointer package)
{
  lodge_package_free (package);
}

char *
lodge_apt_packages_format (const GPtrArray *packages)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (packages, i);

      g_string_append_printf (text, "%s %s %s %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %s\n",
                              package->name, package->version, package->architecture,
                              package->sha256, package->size, package->installed_size,
                              package->uri);
    }
  return g_string_free (text, FALSE);
}

enum
{
  NAME,
  VERSION,
  ARCHITECTURE,
  SHA256,
  SIZE,
  INSTALLED_SIZE,
  URI,
  N_FIELDS,
};

static gboolean
parse_package (GPtrArray *packages, const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, " ", -1);
  guint64 size;
  guint64 installed_size;
  LodgePackage *package;

  if (g_strv_length (fields) != N_FIELDS || !lodge_number_parse (fields[SIZE], 0, G_MAXINT64, &size)
      || !lodge_number_parse (fields[INSTALLED_SIZE], 0, G_MAXINT64, &installed_size))
    return FALSE;
  package = g_new0 (LodgePackage, 1);
  package->name = g_strdup (fields[NAME]);
  package->version = g_strdup (fields[VERSION]);
  package->architecture = g_strdup (fields[ARCHITECTURE]);
  package->sha256 = g_strdup (fields[SHA256]);
  package->size = size;
  package->installed_size = installed_size;
  package->uri = g_strdup (fields[URI]);
  g_ptr_array_add (packages, package);
  return TRUE;
}

GPtrArray *
lodge_apt_packages_parse (const char *text)
{
  g_autoptr (GPtrArray) packages = g_ptr_array_new_with_free_func (free_package);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0' && !parse_package (packages, *line))
      return NULL;
  return packages->len > 0 ? g_steal_pointer (&packages) : NULL;
}

/* The first word of each line of an order. */
#define BASE "base"
#define UNPACK "unpack"
#define CONFIGURE "configure"

static void
add_line (GString *text, const char *word, const GPtrArray *names)
{
  g_string_append (text, word);
  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (text, " %s", (char *)g_ptr_array_index (names, i));
  g_string_append_c (text, '\n');
}

char *
lodge_apt_order_format (const LodgeAptOrder *order)
{
  GString *text = g_string_new (NULL);

  add_line (text, BASE, order->base);
  for (guint i = 0; i < order->groups->len; i++)
    {
      const LodgeAptGroup *group = g_ptr_array_index (order->groups, i);

      add_line (text, group->action == LODGE_APT_UNPACK ? UNPACK : CONFIGURE, group->names);
    }
  return g_string_free (text, FALSE);
}

/* WORDS after the first one. */
static GPtrArray *
take_names (char **words)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (char **word = words + 1; *word != NULL; word++)
    g_ptr_array_add (names, g_strdup (*word));
  return names;
}

static void
parse_line (LodgeAptOrder *order, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  LodgeAptGroup *group;

  if (words[0] == NULL || *words[0] == '\0')
    return;
  if (strcmp (words[0], BASE) == 0)
    {
      g_ptr_array_unref (order->base);
      order->base = take_names (words);
      return;
    }
  group = g_new (LodgeAptGroup, 1);
  group->action = strcmp (words[0], UNPACK) == 0 ? LODGE_APT_UNPACK : LODGE_APT_CONFIGURE;
  group->names = take_names (words);
  g_ptr_array_add (order->groups, group);
}

LodgeAptOrder *
lodge_apt_order_parse (const char *text)
{
  LodgeAptOrder *order = g_new (LodgeAptOrder, 1);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  order->base = g_ptr_array_new_with_free_func (g_free);
  order->groups = g_ptr_array_new_with_free_func (lodge_apt_group_free);
  for (char **line = lines; *line != NULL; line++)
    parse_line (order, *line);
  return order;
}
