/* Disks in words, and which selector names which.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/disks.h"
#include "common/size.h"

#include <string.h>

/* A list that a caller who made the disk by hand left NULL is empty too. */
static gboolean
is_empty (const GStrv list)
{
  return list == NULL || list[0] == NULL;
}

gboolean
lodge_disk_is_blank (const LodgeDisk *disk)
{
  return disk->signatures->len == 0 && is_empty (disk->partitions) && is_empty (disk->holders)
         && !disk->unknown_data;
}

/* VALUE without PREFIX, which people copy along with a link's name. */
static const char *
without_prefix (const char *value, const char *prefix)
{
  return g_str_has_prefix (value, prefix) ? value + strlen (prefix) : value;
}

static gboolean
same_word (const char *have, const char *wanted)
{
  return have != NULL && g_ascii_strcasecmp (have, wanted) == 0;
}

gboolean
lodge_disk_matches (const LodgeDisk *disk, const LodgeSelector *selector)
{
  const char *value = selector->value;

  switch (selector->kind)
    {
    case LODGE_SELECT_SERIAL:
      return same_word (disk->serial, value);
    case LODGE_SELECT_PATH:
      value = without_prefix (value, "/dev/disk/by-path/");
      return g_strcmp0 (disk->path, value) == 0
             || (!is_empty (disk->paths)
                 && g_strv_contains ((const char *const *)disk->paths, value));
    case LODGE_SELECT_WWN:
      value = without_prefix (without_prefix (value, "/dev/disk/by-id/"), "wwn-");
      return same_word (disk->wwn, value);
    case LODGE_SELECT_NAME:
      return g_str_equal (disk->name, without_prefix (value, "/dev/"));
    case LODGE_SELECT_MAC:
      break;
    }
  return FALSE;
}

char *
lodge_disk_describe (const LodgeDisk *disk)
{
  g_autofree char *size = lodge_size_format (disk->size);
  GString *text = g_string_new (disk->name);

  g_string_append (text, " (");
  if (disk->model != NULL)
    g_string_append (text, disk->model);
  else
    g_string_append_printf (text, "%s disk", disk->transport);
  g_string_append_printf (text, ", %s", size);
  if (disk->serial != NULL)
    g_string_append_printf (text, ", serial %s", disk->serial);
  else if (disk->path != NULL)
    g_string_append_printf (text, ", path %s", disk->path);
  g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
}

/* libblkid's names that say little to a person. */
static const struct
{
  const char *type;
  const char *name;
} known_types[] = {
  { "gpt", "GPT partition table" },
  { "dos", "MBR partition table" },
  { "PMBR", "protective MBR without its GPT" },
  { "LVM2_member", "LVM physical volume" },
  { "LVM1_member", "LVM physical volume" },
  { "linux_raid_member", "software RAID member" },
  { "ddf_raid_member", "firmware RAID member" },
  { "isw_raid_member", "firmware RAID member (Intel)" },
  { "zfs_member", "ZFS pool member" },
  { "crypto_LUKS", "LUKS encrypted volume" },
  { "BitLocker", "BitLocker encrypted volume" },
  { "swap", "swap space" },
  { "swsuspend", "hibernated system" },
  { "VMFS", "VMware file system" },
  { "VMFS_volume_member", "VMware file system (VMFS)" },
  { "bcache", "bcache device" },
  { "ceph_bluestore", "Ceph storage" },
  { "drbd", "DRBD device" },
  { "multipath_member", "multipath device" },
};

static char *
describe_type (const LodgeSignature *signature)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known_types); i++)
    if (g_str_equal (signature->type, known_types[i].type))
      return g_strdup (known_types[i].name);
  if (g_str_equal (signature->usage, "filesystem"))
    return g_strdup_printf ("%s file system", signature->type);
  if (g_str_equal (signature->usage, "partition table"))
    return g_strdup_printf ("%s partition table", signature->type);
  return g_strdup (signature->type);
}

static gboolean
has_signature_on (const LodgeDisk *disk, const char *partition)
{
  for (guint i = 0; i < disk->signatures->len; i++)
    {
      const LodgeSignature *signature = g_ptr_array_index (disk->signatures, i);

      if (g_str_equal (without_prefix (signature->device, "/dev/"), partition))
        return TRUE;
    }
  return FALSE;
}

char *
lodge_disk_describe_content (const LodgeDisk *disk)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < disk->signatures->len; i++)
    {
      const LodgeSignature *signature = g_ptr_array_index (disk->signatures, i);
      g_autofree char *type = describe_type (signature);

      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", type);
      if (signature->label != NULL)
        g_string_append_printf (text, " \"%s\"", signature->label);
      g_string_append_printf (text, " on %s", without_prefix (signature->device, "/dev/"));
    }
  for (gsize i = 0; !is_empty (disk->partitions) && disk->partitions[i] != NULL; i++)
    if (!has_signature_on (disk, disk->partitions[i]))
      g_string_append_printf (text, "%sunknown content on %s", text->len > 0 ? ", " : "",
                              disk->partitions[i]);
  if (disk->unknown_data)
    g_string_append_printf (text, "%sunknown data on %s", text->len > 0 ? ", " : "", disk->name);
  if (text->len == 0)
    g_string_append (text, "nothing");
  return g_string_free (text, FALSE);
}
