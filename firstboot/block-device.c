/* Block devices as sysfs shows them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/block-device.h"

#include <string.h>
#include <sys/sysmacros.h>

#define SYS_CLASS_BLOCK "/sys/class/block"

char *
lodge_block_attribute (const char *name, const char *attribute)
{
  g_autofree char *path = g_build_filename (SYS_CLASS_BLOCK, name, attribute, NULL);
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return g_strchomp (text);
}

gboolean
lodge_block_number (const char *name, const char *attribute, guint64 *value)
{
  g_autofree char *text = lodge_block_attribute (name, attribute);

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, value, NULL);
}

dev_t
lodge_block_devno (const char *name)
{
  g_autofree char *text = lodge_block_attribute (name, "dev");
  guint64 major, minor;
  char *colon;

  if (text == NULL || (colon = strchr (text, ':')) == NULL)
    return 0;
  *colon = '\0';
  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT, &major, NULL)
      || !g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT, &minor, NULL))
    return 0;
  return makedev ((unsigned)major, (unsigned)minor);
}

char *
lodge_block_name (dev_t devno)
{
  g_autofree char *path = g_strdup_printf ("/sys/dev/block/%u:%u", major (devno), minor (devno));
  g_autofree char *target = g_file_read_link (path, NULL);

  return target != NULL ? g_path_get_basename (target) : NULL;
}

char *
lodge_block_node (const char *name)
{
  g_autofree char *uevent = lodge_block_attribute (name, "uevent");
  g_auto (GStrv) lines = g_strsplit (uevent != NULL ? uevent : "", "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "DEVNAME="))
      return g_build_filename ("/dev", *line + strlen ("DEVNAME="), NULL);
  return g_build_filename ("/dev", name, NULL);
}

char *
lodge_block_disk (const char *name)
{
  g_autofree char *path = g_build_filename (SYS_CLASS_BLOCK, name, NULL);
  g_autofree char *target = g_file_read_link (path, NULL);
  g_autofree char *partition = lodge_block_attribute (name, "partition");
  g_autofree char *parent = NULL;

  if (target == NULL)
    return NULL;
  if (partition == NULL)
    return g_strdup (name);
  /* A partition's directory is inside its disk's: …/block/sdb/sdb1. */
  parent = g_path_get_dirname (target);
  return g_path_get_basename (parent);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Names of the entries of /sys/class/block/NAME/FOLDER that have the attribute HAVING (or all). */
static GPtrArray *
list (const char *name, const char *folder, const char *having)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = g_build_filename (SYS_CLASS_BLOCK, name, folder, NULL);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *entry;

  while (directory != NULL && (entry = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *attribute = g_build_filename (path, entry, having, NULL);

      if (having == NULL || g_file_test (attribute, G_FILE_TEST_EXISTS))
        g_ptr_array_add (names, g_strdup (entry));
    }
  g_ptr_array_sort (names, compare_names);
  return names;
}

GPtrArray *
lodge_block_partitions (const char *disk)
{
  return list (disk, NULL, "partition");
}

GPtrArray *
lodge_block_holders (const char *name)
{
  return list (name, "holders", NULL);
}

gboolean
lodge_block_names_contain (const GPtrArray *names, const char *name)
{
  for (guint i = 0; i < names->len; i++)
    if (g_str_equal (names->pdata[i], name))
      return TRUE;
  return FALSE;
}

/* Depth first, what stands on NAME before NAME: each device once. */
static void
visit (const char *name, GPtrArray *stack)
{
  g_autoptr (GPtrArray) partitions = NULL;
  g_autoptr (GPtrArray) holders = NULL;

  if (lodge_block_names_contain (stack, name))
    return;
  partitions = lodge_block_partitions (name);
  for (guint i = 0; i < partitions->len; i++)
    visit (partitions->pdata[i], stack);
  holders = lodge_block_holders (name);
  for (guint i = 0; i < holders->len; i++)
    visit (holders->pdata[i], stack);
  g_ptr_array_add (stack, g_strdup (name));
}

GPtrArray *
lodge_block_stack (const char *disk)
{
  GPtrArray *stack = g_ptr_array_new_with_free_func (g_free);

  visit (disk, stack);
  return stack;
}

static void
descend (const char *name, GPtrArray *disks)
{
  g_autofree char *disk = lodge_block_disk (name);
  g_autoptr (GPtrArray) slaves = NULL;

  if (disk == NULL)
    return;
  slaves = list (disk, "slaves", NULL);
  for (guint i = 0; i < slaves->len; i++)
    descend (slaves->pdata[i], disks);
  if (slaves->len == 0 && !lodge_block_names_contain (disks, disk))
    g_ptr_array_add (disks, g_steal_pointer (&disk));
}

GPtrArray *
lodge_block_lower_disks (const char *name)
{
  GPtrArray *disks = g_ptr_array_new_with_free_func (g_free);

  descend (name, disks);
  g_ptr_array_sort (disks, compare_names);
  return disks;
}
