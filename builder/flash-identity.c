/* UUIDs of its own for each disk: what names those of the image, and what is in the way.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "builder/ext2-handle.h"
#include "builder/flash-identity-private.h"
#include "builder/flash-mentions.h"
#include "builder/flash-partition.h"
#include "builder/flash-source.h"
#include "builder/paths.h"
#include "common/error.h"

static gboolean
find_partitions (LodgeFlashIdentity *identity, const LodgeFlashSource *source)
{
  static const char *const fats[FATS] = { "ESP", "LODGE" };

  if (!lodge_flash_partition_find (source, "root", &identity->root))
    return FALSE;
  identity->names[ROOT] = lodge_flash_partition_uuid (source->fd, &identity->root, "ext4");
  for (gsize i = 0; i < FATS; i++)
    if (lodge_flash_partition_find (source, fats[i], &identity->fats[i]))
      identity->names[FIRST_FAT + i]
          = lodge_flash_partition_uuid (source->fd, &identity->fats[i], "vfat");
  for (gsize i = 0; i < FILE_SYSTEMS; i++)
    if (identity->names[i] == NULL)
      return FALSE;
  return TRUE;
}

/* sbin is not in an ordinary user's PATH. */
static char *
find_program (const char *name, GError **error)
{
  char *path = lodge_paths_program (name);

  if (path == NULL)
    lodge_error_set (error, LODGE_ERROR_FAILED,
                     "%s, which gives disks UUIDs of their own, is not installed; install the "
                     "package e2fsprogs, or write the image with --keep-uuids",
                     name);
  return path;
}

/* tune2fs refuses to make all checksums anew of a file system that was in use since it was
 * checked. */
static gboolean
check_root (const LodgeFlashIdentity *identity, const LodgeFlashSource *source, GError **error)
{
  g_autofree char *path = lodge_flash_temporary_path (source->fd);
  g_auto (ext2_filsys) root = lodge_ext2_open_to_read (path, identity->root.start, error);
  struct ext2_super_block *super;

  if (root == NULL)
    {
      g_prefix_error (error, "%s: ", source->name);
      return FALSE;
    }
  super = root->super;
  if ((super->s_state & EXT2_VALID_FS) != 0 && (super->s_state & EXT2_ERROR_FS) == 0
      && super->s_lastcheck >= super->s_mtime && !ext2fs_has_feature_journal_needs_recovery (super))
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "the root file system in %s was in use since it was made, so disks "
                          "cannot get UUIDs of their own; write the image with --keep-uuids",
                          source->name);
}

static gboolean
check_fats (const LodgeFlashIdentity *identity, const LodgeFlashSource *source, GError **error)
{
  guint8 sector[SECTOR];

  for (gsize i = 0; i < FATS; i++)
    {
      if (!lodge_flash_source_read (source, sector, SECTOR, identity->fats[i].start, error))
        return FALSE;
      if (memcmp (sector + FAT_TYPE, "FAT32   ", 8) != 0)
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                "the FAT file system at byte %" G_GUINT64_FORMAT
                                " of %s is not FAT32, whose serial number could be changed; write "
                                "the image with --keep-uuids",
                                identity->fats[i].start, source->name);
    }
  return TRUE;
}

/* All names, and the UUIDs of the partition table behind them. */
static gboolean
search (LodgeFlashIdentity *identity, const LodgeFlashSource *source, const LodgeFlashMap *map,
        GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_auto (GStrv) uuids = lodge_flash_partition_table_uuids (source);

  for (gsize i = 0; i < FILE_SYSTEMS; i++)
    g_ptr_array_add (words, identity->names[i]);
  for (char **uuid = uuids; *uuid != NULL; uuid++)
    g_ptr_array_add (words, *uuid);
  g_ptr_array_add (words, NULL);
  identity->mentions
      = lodge_flash_mentions (source, map, (const char *const *)words->pdata, cancellable, error);
  if (identity->mentions == NULL)
    return FALSE;
  for (guint i = identity->mentions->len; i-- > 0;)
    if (g_array_index (identity->mentions, LodgeFlashMention, i).word >= FILE_SYSTEMS)
      {
        identity->names_table = TRUE;
        g_array_remove_index_fast (identity->mentions, i);
      }
  return TRUE;
}

LodgeFlashIdentity *
lodge_flash_identity_find (const LodgeFlashSource *source, const LodgeFlashMap *map,
                           GCancellable *cancellable, GError **error)
{
  g_autoptr (LodgeFlashIdentity) identity = g_new0 (LodgeFlashIdentity, 1);

  if (!find_partitions (identity, source))
    return NULL;
  /* Whatever could be in the way is found out before a disk is touched. */
  identity->tune2fs = find_program ("tune2fs", error);
  identity->e2fsck = identity->tune2fs != NULL ? find_program ("e2fsck", error) : NULL;
  if (identity->e2fsck == NULL || !check_root (identity, source, error)
      || !check_fats (identity, source, error)
      || !search (identity, source, map, cancellable, error))
    return NULL;
  return g_steal_pointer (&identity);
}

gboolean
lodge_flash_identity_names_table (const LodgeFlashIdentity *identity)
{
  return identity->names_table;
}

void
lodge_flash_identity_free (LodgeFlashIdentity *identity)
{
  if (identity == NULL)
    return;
  for (gsize i = 0; i < FILE_SYSTEMS; i++)
    g_free (identity->names[i]);
  g_clear_pointer (&identity->mentions, g_array_unref);
  g_free (identity->tune2fs);
  g_free (identity->e2fsck);
  g_free (identity);
}
