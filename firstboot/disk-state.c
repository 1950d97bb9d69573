/* What is on a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/disk-state.h"
#include "common/error.h"
#include "common/blkid-open.h"
#include "common/disk-data.h"
#include "firstboot/gpt.h"
#include "firstboot/i18n.h"

#include <errno.h>
#include <string.h>

/* Appends the types found between OFFSET and OFFSET + SIZE to TYPES (of char*).  UUID, when not
 * NULL, receives the last file system's. */
static gboolean
find_types (int fd, guint64 offset, guint64 size, guint sector_size, gboolean partitions,
            GPtrArray *types, char **uuid, GError **error)
{
  g_autoptr (LodgeBlkidProbe) probe
      = lodge_blkid_open (fd, offset, size, sector_size, partitions, error);
  int result;

  if (probe == NULL)
    return FALSE;
  errno = 0;
  while ((result = blkid_do_probe (probe)) == 0)
    {
      const char *type = NULL;
      const char *found_uuid = NULL;

      if (blkid_probe_lookup_value (probe, "TYPE", &type, NULL) != 0
          && blkid_probe_lookup_value (probe, "PTTYPE", &type, NULL) != 0)
        type = "unknown";
      g_ptr_array_add (types, g_strdup (type));
      if (uuid != NULL && blkid_probe_lookup_value (probe, "UUID", &found_uuid, NULL) == 0)
        {
          g_free (*uuid);
          *uuid = g_strdup (found_uuid);
        }
    }
  if (result < 0)
    return lodge_error_set_errno (error, errno != 0 ? errno : EIO, N_ ("read what is on the disk"));
  return TRUE;
}

/* Whether the disk's partition table has the one partition "lodge-storage"; PARTITION receives its
 * place. */
static gboolean
find_storage_partition (int fd, guint64 size, guint sector_size, LodgeExtent *partition)
{
  g_autoptr (LodgeBlkidProbe) probe = lodge_blkid_open (fd, 0, size, sector_size, TRUE, NULL);
  blkid_partlist list;
  blkid_partition first;
  blkid_parttable table;

  if (probe == NULL || (list = blkid_probe_get_partitions (probe)) == NULL
      || blkid_partlist_numof_partitions (list) != 1
      || (first = blkid_partlist_get_partition (list, 0)) == NULL
      || (table = blkid_partition_get_table (first)) == NULL
      || g_strcmp0 (blkid_parttable_get_type (table), "gpt") != 0
      || g_strcmp0 (blkid_partition_get_name (first), LODGE_STORAGE_PARTITION_NAME) != 0)
    return FALSE;
  partition->start
      = (guint64)blkid_partition_get_start (first) * 512; /* always 512, man libblkid */
  partition->size = (guint64)blkid_partition_get_size (first) * 512;
  return partition->start < size && partition->size <= size - partition->start;
}

/* Whether the last sectors are the entries of a table with the one partition "lodge-storage", which
 * is what an interrupted run has written first and libblkid does not know without a header. */
static gboolean
has_storage_entries (int fd, guint64 size, guint sector_size, LodgeExtent *partition)
{
  static const char name[] = LODGE_STORAGE_PARTITION_NAME;
  guint64 sectors = size / sector_size;
  guint64 offset = (sectors - 1) * sector_size - 128 * sizeof (LodgeGptEntry);
  g_autoptr (GBytes) bytes = lodge_sectors_read (fd, offset, sizeof (LodgeGptEntry), NULL);
  const LodgeGptEntry *entry;
  guint64 first, last;

  if (bytes == NULL)
    return FALSE;
  entry = g_bytes_get_data (bytes, NULL);
  for (gsize i = 0; i < sizeof name; i++) /* UTF-16, and the NUL too */
    if (entry->name[2 * i] != (guint8)name[i] || entry->name[2 * i + 1] != 0)
      return FALSE;
  first = GUINT64_FROM_LE (entry->first_lba);
  last = GUINT64_FROM_LE (entry->last_lba);
  if (first * sector_size != LODGE_PARTITION_ALIGNMENT || last < first || last >= sectors)
    return FALSE;
  partition->start = first * sector_size;
  partition->size = (last + 1 - first) * sector_size;
  return TRUE;
}

static gboolean
all_are_gpt (const GPtrArray *types)
{
  for (guint i = 0; i < types->len; i++)
    if (!g_str_equal (types->pdata[i], "gpt") && !g_str_equal (types->pdata[i], "PMBR"))
      return FALSE;
  return TRUE;
}

static char *
join (const GPtrArray *types)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < types->len; i++)
    if (i == 0 || !g_str_equal (types->pdata[i], types->pdata[i - 1])) /* each copy is found */
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", (char *)types->pdata[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

LodgeDiskState *
lodge_disk_state_read (int fd, guint64 size, guint sector_size, GError **error)
{
  g_autoptr (LodgeDiskState) state = g_new0 (LodgeDiskState, 1);
  g_autoptr (GPtrArray) types = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) inner = g_ptr_array_new_with_free_func (g_free);
  gboolean storage;

  if (!find_types (fd, 0, size, sector_size, TRUE, types, NULL, error))
    return NULL;
  storage = types->len > 0
                ? all_are_gpt (types)
                      && find_storage_partition (fd, size, sector_size, &state->partition)
                : size > 2 * LODGE_PARTITION_ALIGNMENT
                      && has_storage_entries (fd, size, sector_size, &state->partition);
  if (storage)
    {
      if (!find_types (fd, state->partition.start, state->partition.size, sector_size, FALSE, inner,
                       &state->uuid, error))
        return NULL;
      if (inner->len == 0)
        state->kind = LODGE_DISK_STATE_STORAGE_EMPTY;
      else if (inner->len == 1 && g_str_equal (inner->pdata[0], "xfs"))
        state->kind = LODGE_DISK_STATE_STORAGE;
      else
        state->kind = LODGE_DISK_STATE_OTHER;
    }
  else if (types->len == 0)
    {
      gboolean empty;

      if (!lodge_disk_data_probe (fd, size, &empty, error))
        return NULL;
      state->kind = empty ? LODGE_DISK_STATE_BLANK : LODGE_DISK_STATE_DATA;
    }
  else
    state->kind = LODGE_DISK_STATE_OTHER;
  g_ptr_array_extend_and_steal (types, g_steal_pointer (&inner));
  state->what = join (types);
  return g_steal_pointer (&state);
}

gboolean
lodge_disk_state_equal (const LodgeDiskState *a, const LodgeDiskState *b)
{
  return a->kind == b->kind && a->partition.start == b->partition.start
         && a->partition.size == b->partition.size && g_strcmp0 (a->uuid, b->uuid) == 0
         && g_strcmp0 (a->what, b->what) == 0;
}

void
lodge_disk_state_free (LodgeDiskState *state)
{
  if (state == NULL)
    return;
  g_free (state->uuid);
  g_free (state->what);
  g_free (state);
}
