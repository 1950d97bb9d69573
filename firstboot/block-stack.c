/* Everything that stands on a disk of the running machine.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/block-stack.h"
#include "common/number.h"
#include "common/block-tree.h"
#include "common/probe-files.h"

#include <string.h>
#include <sys/sysmacros.h>

const LodgeProbe lodge_running_machine = { .sysroot = "" };

char *
lodge_block_attribute (const char *name, const char *attribute)
{
  return lodge_probe_read (&lodge_running_machine, "/sys/class/block/%s/%s", name, attribute);
}

gboolean
lodge_block_attribute_number (const char *name, const char *attribute, guint64 *value)
{
  g_autofree char *text = lodge_block_attribute (name, attribute);

  return text != NULL && lodge_number_parse (text, 0, G_MAXUINT64, value);
}

dev_t
lodge_block_devno (const char *name)
{
  g_autofree char *text = lodge_block_attribute (name, "dev");
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", ":", 2);
  guint64 major, minor;

  if (g_strv_length (parts) != 2 || !lodge_number_parse (parts[0], 0, G_MAXUINT, &major)
      || !lodge_number_parse (parts[1], 0, G_MAXUINT, &minor))
    return 0;
  return makedev ((unsigned)major, (unsigned)minor);
}

char *
lodge_block_node (const char *name)
{
  char *node = g_strconcat ("/dev/", name, NULL);

  return g_strdelimit (node, "!", '/');
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
  g_auto (GStrv) partitions = NULL;
  g_autoptr (GPtrArray) holders = NULL;

  if (lodge_block_names_contain (stack, name))
    return;
  partitions = lodge_block_partitions (&lodge_running_machine, name);
  for (gsize i = 0; partitions[i] != NULL; i++)
    visit (partitions[i], stack);
  holders = lodge_block_holders (&lodge_running_machine, name);
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
  g_autoptr (GPtrArray) below = lodge_block_below (&lodge_running_machine, name);

  for (guint i = 0; i < below->len; i++)
    descend (below->pdata[i], disks);
  if (below->len == 0 && !lodge_block_names_contain (disks, name))
    g_ptr_array_add (disks, g_strdup (name));
}

GPtrArray *
lodge_block_lower_disks (const char *name)
{
  GPtrArray *disks = g_ptr_array_new_with_free_func (g_free);

  descend (name, disks);
  return disks;
}
