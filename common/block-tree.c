/* How block devices stand on each other, from sysfs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/block-tree.h"
#include "common/translate.h"
#include "common/probe-files.h"

#include <string.h>
#include <sys/sysmacros.h>

char *
lodge_block_name (const LodgeProbe *probe, dev_t number)
{
  return lodge_probe_link_name (probe, "/sys/dev/block/%u:%u", major (number), minor (number));
}

char *
lodge_block_name_of_path (const LodgeProbe *probe, const char *path)
{
  g_autofree char *resolved = NULL;
  g_autofree char *name = NULL;

  if (!g_str_has_prefix (path, "/dev/"))
    return NULL;
  resolved = lodge_probe_resolve (probe, "%s", path);
  name = g_strdup ((resolved == NULL ? path : resolved) + strlen ("/dev/"));
  g_strdelimit (name, "/", '!');
  return lodge_probe_exists (probe, "/sys/class/block/%s", name) ? g_steal_pointer (&name) : NULL;
}

char *
lodge_block_whole (const LodgeProbe *probe, const char *name)
{
  g_autofree char *path = NULL;
  g_autofree char *directory = NULL;

  if (!lodge_probe_exists (probe, "/sys/class/block/%s/partition", name))
    return g_strdup (name);
  /* /sys/devices/…/block/sdb/sdb1 */
  path = lodge_probe_resolve (probe, "/sys/class/block/%s", name);
  if (path == NULL)
    return g_strdup (name);
  directory = g_path_get_dirname (path);
  return g_path_get_basename (directory);
}

GStrv
lodge_block_partitions (const LodgeProbe *probe, const char *disk)
{
  g_autoptr (GPtrArray) names = lodge_probe_list (probe, "/sys/class/block/%s", disk);
  GPtrArray *partitions = g_ptr_array_new ();

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      if (lodge_probe_exists (probe, "/sys/class/block/%s/%s/partition", disk, name))
        g_ptr_array_add (partitions, g_strdup (name));
    }
  g_ptr_array_add (partitions, NULL);
  return (GStrv)g_ptr_array_free (partitions, FALSE);
}

GPtrArray *
lodge_block_below (const LodgeProbe *probe, const char *name)
{
  GPtrArray *below = lodge_probe_list (probe, "/sys/class/block/%s/slaves", name);
  g_autofree char *whole = lodge_block_whole (probe, name);

  if (!g_str_equal (whole, name))
    g_ptr_array_add (below, g_steal_pointer (&whole));
  return below;
}

GPtrArray *
lodge_block_holders (const LodgeProbe *probe, const char *name)
{
  GPtrArray *holders = lodge_probe_list (probe, "/sys/class/block/%s/holders", name);
  g_auto (GStrv) partitions = lodge_block_partitions (probe, name);

  for (gsize i = 0; partitions[i] != NULL; i++)
    {
      g_autoptr (GPtrArray) more
          = lodge_probe_list (probe, "/sys/class/block/%s/holders", partitions[i]);

      for (guint j = 0; j < more->len; j++)
        if (!g_ptr_array_find_with_equal_func (holders, g_ptr_array_index (more, j), g_str_equal,
                                               NULL))
          g_ptr_array_add (holders, g_strdup (g_ptr_array_index (more, j)));
    }
  return holders;
}

/* What begins the UUID that each user of device-mapper gives its devices. */
static const struct
{
  const char *prefix;
  const char *name;
} dm_users[] = {
  { "LVM-", N_ ("LVM volume") },         { "CRYPT-", N_ ("encrypted volume") },
  { "mpath-", N_ ("multipath device") }, { "DMRAID-", N_ ("firmware RAID") },
  { "part", N_ ("partition device") },
};

char *
lodge_block_describe (const LodgeProbe *probe, const char *name)
{
  g_autofree char *dm_name = lodge_probe_read (probe, "/sys/class/block/%s/dm/name", name);
  g_autofree char *dm_uuid = lodge_probe_read (probe, "/sys/class/block/%s/dm/uuid", name);
  const char *what = N_ ("device-mapper volume");

  if (dm_name == NULL)
    {
      if (lodge_probe_exists (probe, "/sys/class/block/%s/md", name))
        return g_strdup_printf (_ ("the software RAID %s"), name);
      return g_strdup_printf (_ ("the device %s"), name);
    }
  for (gsize i = 0; dm_uuid != NULL && i < G_N_ELEMENTS (dm_users); i++)
    if (g_str_has_prefix (dm_uuid, dm_users[i].prefix))
      what = dm_users[i].name;
  return g_strdup_printf (_ ("the %s %s"), _ (what), dm_name);
}

gboolean
lodge_block_is_multipath (const LodgeProbe *probe, const char *name)
{
  g_autofree char *uuid = lodge_probe_read (probe, "/sys/class/block/%s/dm/uuid", name);

  return uuid != NULL && g_str_has_prefix (uuid, "mpath-");
}
