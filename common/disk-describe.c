/* Disks in words, and which selector names which.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/disks.h"
#include "common/translate.h"
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
    g_string_append_printf (text, _ ("%s disk"), disk->transport);
  g_string_append_printf (text, _ (", %s"), size);
  if (disk->serial != NULL)
    g_string_append_printf (text, _ (", serial %s"), disk->serial);
  else if (disk->path != NULL)
    g_string_append_printf (text, _ (", path %s"), disk->path);
  g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
}

/* libblkid's names that say little to a person. */
static const struct
{
  const char *type;
  const char *name;
} known_types[] = {
  { "gpt", N_ ("GPT partition table") },
  { "dos", N_ ("MBR partition table") },
  { "PMBR", N_ ("protective MBR without its GPT") },
  { "LVM2_member", N_ ("LVM physical volume") },
  { "LVM1_member", N_ ("LVM physical volume") },
  { "linux_raid_member", N_ ("software RAID member") },
  { "ddf_raid_member", N_ ("firmware RAID member") },
  { "isw_raid_member", N_ ("firmware RAID member (Intel)") },
  { "zfs_member", N_ ("ZFS pool member") },
  { "crypto_LUKS", N_ ("LUKS encrypted volume") },
  { "BitLocker", N_ ("BitLocker encrypted volume") },
  { "swap", N_ ("swap space") },
  { "swsuspend", N_ ("hibernated system") },
  { "VMFS", N_ ("VMware file system") },
  { "VMFS_volume_member", N_ ("VMware file system (VMFS)") },
  { "bcache", N_ ("bcache device") },
  { "ceph_bluestore", N_ ("Ceph storage") },
  { "drbd", N_ ("DRBD device") },
  { "multipath_member", N_ ("multipath device") },
};

static char *
describe_type (const LodgeSignature *signature)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known_types); i++)
    if (g_str_equal (signature->type, known_types[i].type))
      return g_strdup (_ (known_types[i].name));
  if (g_str_equal (signature->usage, "filesystem"))
    return g_strdup_printf (_ ("%s file system"), signature->type);
  if (g_str_equal (signature->usage, "partition table"))
    return g_strdup_printf (_ ("%s partition table"), signature->type);
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

      g_string_append (text, text->len > 0 ? _ (", ") : "");
      if (signature->label != NULL)
        g_string_append_printf (text, _ ("%s \"%s\" on %s"), type, signature->label,
                                without_prefix (signature->device, "/dev/"));
      else
        g_string_append_printf (text, _ ("%s on %s"), type,
                                without_prefix (signature->device, "/dev/"));
    }
  for (gsize i = 0; !is_empty (disk->partitions) && disk->partitions[i] != NULL; i++)
    if (!has_signature_on (disk, disk->partitions[i]))
      {
        g_string_append (text, text->len > 0 ? _ (", ") : "");
        g_string_append_printf (text, _ ("unknown content on %s"), disk->partitions[i]);
      }
  if (disk->unknown_data)
    {
      g_string_append (text, text->len > 0 ? _ (", ") : "");
      g_string_append_printf (text, _ ("unknown data on %s"), disk->name);
    }
  if (text->len == 0)
    g_string_append (text, _ ("nothing"));
  return g_string_free (text, FALSE);
}
