/* What `fetch` learned and `make_root` needs, in files below the build's own directory.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/debian-tree.h"

#include <string.h>

#include "common/error.h"
#include "common/file.h"

enum
{
  LIMIT = 4 * 1024 * 1024, /* bytes */
};

/* The first word of each line; the others are packages. */
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

gboolean
lodge_debian_plan_save (const char *work, const LodgeAptOrder *order, const char *sources,
                        GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *order_path = g_build_filename (work, "install-order", NULL);
  g_autofree char *sources_path = g_build_filename (work, "image-sources", NULL);

  if (order != NULL)
    {
      add_line (text, BASE, order->base);
      for (guint i = 0; i < order->groups->len; i++)
        {
          const LodgeAptGroup *group = g_ptr_array_index (order->groups, i);

          add_line (text, group->action == LODGE_APT_UNPACK ? UNPACK : CONFIGURE, group->names);
        }
    }
  return lodge_file_replace (order_path, text->str, -1, 0600, error)
         && lodge_file_replace (sources_path, sources, -1, 0600, error);
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

static LodgeAptOrder *
parse_order (const char *text)
{
  LodgeAptOrder *order = g_new (LodgeAptOrder, 1);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  order->base = g_ptr_array_new_with_free_func (g_free);
  order->groups = g_ptr_array_new_with_free_func (lodge_apt_group_free);
  for (char **line = lines; *line != NULL; line++)
    parse_line (order, *line);
  return order;
}

gboolean
lodge_debian_plan_load (const char *work, LodgeAptOrder **order, char **sources, GError **error)
{
  g_autofree char *order_path = g_build_filename (work, "install-order", NULL);
  g_autofree char *sources_path = g_build_filename (work, "image-sources", NULL);
  g_autofree char *text = lodge_file_read (order_path, LIMIT, NULL, error);

  *order = NULL;
  *sources = text != NULL ? lodge_file_read (sources_path, LIMIT, NULL, error) : NULL;
  if (*sources == NULL)
    return FALSE;
  *order = parse_order (text);
  return TRUE;
}
