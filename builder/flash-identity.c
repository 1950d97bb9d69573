/* UUIDs of its own for each disk: what is changed on the disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A UUID is as long as another one, so what names it is changed in place: texts where
 * flash-mentions.c found them, a FAT's serial number in its boot sector and in the copy of that.
 * The root file system is tune2fs's (8), as all its checksums begin with the UUID.
 */
#include "builder/flash-identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builder/ext2-handle.h"
#include "builder/flash-mentions.h"
#include "builder/flash-partition.h"
#include "builder/flash-source.h"
#include "builder/paths.h"
#include "common/error.h"
#include "common/run.h"

enum
{
  ROOT,
  FIRST_FAT,
  FATS = 2,
  FILE_SYSTEMS = FIRST_FAT + FATS,
};

enum
{
  SECTOR = 512,
  /* Microsoft's FAT specification, version 1.03, section 3.3. */
  FAT_BACKUP = 50, /* BPB_BkBootSec: the sector of the copy */
  FAT_SERIAL = 67, /* BS_VolID */
  FAT_TYPE = 82,   /* BS_FilSysType */
  FAT_SERIAL_SIZE = 4,
};

struct _LodgeFlashIdentity
{
  LodgeSpan root;
  LodgeSpan fats[FATS]; /* ESP and LODGE */
  /* What the file systems are called: the root's UUID, then the FATs' ("ABCD-1234"). */
  char *names[FILE_SYSTEMS];
  GArray *mentions; /* of LodgeFlashMention; `word` is an index of names */
  gboolean names_table;
  char *tune2fs;
  char *e2fsck;
};

/* What a disk gets instead of names. */
typedef struct
{
  char *names[FILE_SYSTEMS];
} Fresh;

static void
fresh_clear (Fresh *fresh)
{
  for (gsize i = 0; i < G_N_ELEMENTS (fresh->names); i++)
    g_free (fresh->names[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fresh, fresh_clear)

static void
make_fresh (Fresh *fresh)
{
  fresh->names[ROOT] = g_uuid_string_random ();
  for (gsize i = FIRST_FAT; i < G_N_ELEMENTS (fresh->names); i++)
    {
      guint32 serial = g_random_int ();

      fresh->names[i] = g_strdup_printf ("%04X-%04X", serial >> 16, serial & 0xffff);
    }
}

/* --- what the image has --- */

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

/* --- what the disk gets --- */

/* LENGTH bytes at OFFSET are OLD and become NEW; with a NULL NEW, they only must be OLD. */
static gboolean
exchange (LodgeFlashDevice *device, guint64 offset, const void *old, const void *new, gsize length,
          GError **error)
{
  guint64 start = offset / SECTOR * SECTOR;
  gsize inside = (gsize)(offset - start);
  gsize span = (inside + length + SECTOR - 1) / SECTOR * SECTOR;

  if (!lodge_flash_device_read (device, span, start, error))
    return FALSE;
  if (memcmp (device->buffer + inside, old, length) != 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "%s holds something else at byte %" G_GUINT64_FORMAT
                            " than was written there a moment ago: it is worn out or counterfeit; "
                            "use another one",
                            device->path, offset);
  if (new == NULL)
    return TRUE;
  memcpy (device->buffer + inside, new, length);
  return lodge_flash_device_write (device, device->buffer, span, start, error);
}

/* All texts; with CHECK they must be the new ones already. */
static gboolean
change_texts (const LodgeFlashIdentity *identity, const Fresh *fresh, LodgeFlashDevice *device,
              gboolean check, GError **error)
{
  for (guint i = 0; i < identity->mentions->len; i++)
    {
      const LodgeFlashMention *mention = &g_array_index (identity->mentions, LodgeFlashMention, i);
      const char *from = (check ? fresh->names : identity->names)[mention->word];
      const char *to = check ? NULL : fresh->names[mention->word];

      if (!exchange (device, mention->offset, from, to, strlen (from), error))
        return FALSE;
    }
  return TRUE;
}

/* Least significant byte first, which blkid(8) writes last. */
static void
fat_serial (const char *uuid, guint8 bytes[FAT_SERIAL_SIZE])
{
  guint32 serial = (guint32)strtoul (uuid, NULL, 16) << 16 | (guint32)strtoul (uuid + 5, NULL, 16);

  for (guint i = 0; i < FAT_SERIAL_SIZE; i++)
    bytes[i] = (guint8)(serial >> 8 * i);
}

static gboolean
change_fat (const LodgeSpan *place, const char *old, const char *new, LodgeFlashDevice *device,
            gboolean check, GError **error)
{
  guint8 from[FAT_SERIAL_SIZE];
  guint8 to[FAT_SERIAL_SIZE];
  guint backup;

  fat_serial (check ? new : old, from);
  fat_serial (new, to);
  if (!lodge_flash_device_read (device, SECTOR, place->start, error))
    return FALSE;
  backup = device->buffer[FAT_BACKUP] | (guint)device->buffer[FAT_BACKUP + 1] << 8;
  return exchange (device, place->start + FAT_SERIAL, from, check ? NULL : to, FAT_SERIAL_SIZE,
                   error)
         && (backup == 0 || backup == 0xffff
             || exchange (device, place->start + backup * SECTOR + FAT_SERIAL, from,
                          check ? NULL : to, FAT_SERIAL_SIZE, error));
}

static gboolean
change_fats (const LodgeFlashIdentity *identity, const Fresh *fresh, LodgeFlashDevice *device,
             gboolean check, GError **error)
{
  for (gsize i = 0; i < FATS; i++)
    if (!change_fat (&identity->fats[i], identity->names[FIRST_FAT + i],
                     fresh->names[FIRST_FAT + i], device, check, error))
      return FALSE;
  return TRUE;
}

/* The root file system on the disk, for e2fsprogs; they open it beside us, as it is not mounted. */
static char *
root_path (const LodgeFlashIdentity *identity, const LodgeFlashDevice *device)
{
  g_autofree char *path = lodge_flash_temporary_path (device->fd);

  return g_strdup_printf ("%s?offset=%" G_GUINT64_FORMAT, path, identity->root.start);
}

/* Runs a program of e2fsprogs, which say on either output what is the matter. */
static gboolean
run_tool (const char *const *argv, GCancellable *cancellable, GError **error)
{
  int status = 0;
  g_autofree char *output = lodge_run_status (argv, NULL, &status, cancellable, error);
  g_auto (GStrv) lines = NULL;
  const char *said = "it does not say why";

  if (output == NULL)
    return FALSE;
  if (status == 0)
    return TRUE;
  lines = g_strsplit (output, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0' && !g_str_has_prefix (*line, "Pass ")
        && !g_str_has_prefix (*line, "tune2fs 1.") && !g_str_has_prefix (*line, "e2fsck 1."))
      {
        said = *line;
        break;
      }
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s ended with exit status %d: %s", argv[0],
                          status, said);
}

static gboolean
change_root (const LodgeFlashIdentity *identity, const Fresh *fresh, const LodgeFlashDevice *device,
             GCancellable *cancellable, GError **error)
{
  g_autofree char *path = root_path (identity, device);
  const char *argv[] = { identity->tune2fs, "-U", fresh->names[ROOT], path, NULL };

  return run_tool (argv, cancellable, error);
}

static gboolean
check_root_uuid (const LodgeFlashIdentity *identity, const Fresh *fresh,
                 const LodgeFlashDevice *device, GError **error)
{
  g_autofree char *path = lodge_flash_temporary_path (device->fd);
  g_autofree char *found = NULL;
  /* libblkid reads what is not aligned as direct input has to be. */
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "open %s again", device->path);
  found = lodge_flash_partition_uuid (fd, &identity->root, "ext4");
  close (fd);
  return g_strcmp0 (found, fresh->names[ROOT]) == 0
         || lodge_error_set (error, LODGE_ERROR_FAILED,
                             "the root file system's reads back as %s, and %s was written",
                             found != NULL ? found : "nothing", fresh->names[ROOT]);
}

/* All of it: its checksums cover every inode, directory and bitmap. */
static gboolean
check_new_root (const LodgeFlashIdentity *identity, const LodgeFlashDevice *device,
                GCancellable *cancellable, GError **error)
{
  g_autofree char *path = root_path (identity, device);
  const char *argv[] = { identity->e2fsck, "-f", "-n", path, NULL };

  return run_tool (argv, cancellable, error);
}

gboolean
lodge_flash_identity_give (const LodgeFlashIdentity *identity, LodgeFlashDevice *device,
                           GCancellable *cancellable, GError **error)
{
  g_auto (Fresh) fresh = { 0 };
  gboolean good;

  make_fresh (&fresh);
  /* Texts first: tune2fs makes the checksums anew of what it finds. */
  good = change_texts (identity, &fresh, device, FALSE, error)
         && change_fats (identity, &fresh, device, FALSE, error)
         && lodge_flash_device_sync (device, error)
         && change_root (identity, &fresh, device, cancellable, error)
         && lodge_flash_device_sync (device, error);
  if (good)
    {
      lodge_flash_device_forget (device);
      good = change_texts (identity, &fresh, device, TRUE, error)
             && change_fats (identity, &fresh, device, TRUE, error)
             && check_root_uuid (identity, &fresh, device, error)
             && check_new_root (identity, device, cancellable, error);
    }
  if (!good)
    g_prefix_error (error, "give %s UUIDs of its own: ", device->path);
  return good;
}
