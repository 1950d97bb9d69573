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

#include "builder/flash-mentions.h"
#include "builder/flash-partition.h"
#include "builder/flash-source.h"
#include "common/error.h"
#include "common/run.h"

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
  LodgeSpan fats[2]; /* ESP and LODGE */
  char *root_uuid;
  char *fat_uuids[2]; /* "ABCD-1234" */
  GArray *mentions;   /* of LodgeFlashMention; word 0 is the root's UUID, word 1 the ESP's */
};

/* What a disk gets instead. */
typedef struct
{
  char *root_uuid;
  char *fat_uuids[2];
} Fresh;

static void
fresh_clear (Fresh *fresh)
{
  g_free (fresh->root_uuid);
  g_free (fresh->fat_uuids[0]);
  g_free (fresh->fat_uuids[1]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fresh, fresh_clear)

static void
make_fresh (Fresh *fresh)
{
  fresh->root_uuid = g_uuid_string_random ();
  for (gsize i = 0; i < G_N_ELEMENTS (fresh->fat_uuids); i++)
    {
      guint32 serial = g_random_int ();

      fresh->fat_uuids[i] = g_strdup_printf ("%04X-%04X", serial >> 16, serial & 0xffff);
    }
}

/* As /etc/fstab has it: four bytes alone would be found in anything. */
static char *
esp_word (const char *uuid)
{
  return g_strconcat ("UUID=", uuid, NULL);
}

/* --- what the image has --- */

static gboolean
find_partitions (LodgeFlashIdentity *identity, const LodgeFlashSource *source)
{
  static const char *const fats[] = { "ESP", "LODGE" };

  if (!lodge_flash_partition_find (source, "root", &identity->root))
    return FALSE;
  identity->root_uuid = lodge_flash_partition_uuid (source->fd, &identity->root, "ext4");
  for (gsize i = 0; i < G_N_ELEMENTS (fats); i++)
    if (lodge_flash_partition_find (source, fats[i], &identity->fats[i]))
      identity->fat_uuids[i] = lodge_flash_partition_uuid (source->fd, &identity->fats[i], "vfat");
  return identity->root_uuid != NULL && identity->fat_uuids[0] != NULL
         && identity->fat_uuids[1] != NULL;
}

LodgeFlashIdentity *
lodge_flash_identity_find (const LodgeFlashSource *source, const LodgeFlashMap *map,
                           GCancellable *cancellable, GError **error)
{
  g_autoptr (LodgeFlashIdentity) identity = g_new0 (LodgeFlashIdentity, 1);
  g_autofree char *esp = NULL;

  if (!find_partitions (identity, source))
    return NULL;
  esp = esp_word (identity->fat_uuids[0]);
  {
    const char *const words[] = { identity->root_uuid, esp, NULL };

    identity->mentions = lodge_flash_mentions (source, map, words, cancellable, error);
  }
  return identity->mentions != NULL ? g_steal_pointer (&identity) : NULL;
}

void
lodge_flash_identity_free (LodgeFlashIdentity *identity)
{
  if (identity == NULL)
    return;
  g_free (identity->root_uuid);
  g_free (identity->fat_uuids[0]);
  g_free (identity->fat_uuids[1]);
  g_clear_pointer (&identity->mentions, g_array_unref);
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
  g_autofree char *old_esp = esp_word (identity->fat_uuids[0]);
  g_autofree char *new_esp = esp_word (fresh->fat_uuids[0]);
  const char *const old[] = { identity->root_uuid, old_esp };
  const char *const new[] = { fresh->root_uuid, new_esp };

  for (guint i = 0; i < identity->mentions->len; i++)
    {
      const LodgeFlashMention *mention = &g_array_index (identity->mentions, LodgeFlashMention, i);
      const char *from = (check ? new : old)[mention->word];
      const char *to = check ? NULL : new[mention->word];

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
  if (memcmp (device->buffer + FAT_TYPE, "FAT32   ", 8) != 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the FAT file system at byte %" G_GUINT64_FORMAT
                            " of the image is not FAT32, so it keeps its serial number; write it "
                            "with --keep-uuids",
                            place->start);
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
  for (gsize i = 0; i < G_N_ELEMENTS (identity->fats); i++)
    if (!change_fat (&identity->fats[i], identity->fat_uuids[i], fresh->fat_uuids[i], device, check,
                     error))
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

static gboolean
change_root (const LodgeFlashIdentity *identity, const Fresh *fresh, const LodgeFlashDevice *device,
             GCancellable *cancellable, GError **error)
{
  g_autofree char *path = root_path (identity, device);
  g_autofree char *output = NULL;
  const char *argv[] = { "tune2fs", "-U", fresh->root_uuid, path, NULL };

  output = lodge_run (argv, NULL, cancellable, error);
  return output != NULL;
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
  return g_strcmp0 (found, fresh->root_uuid) == 0
         || lodge_error_set (error, LODGE_ERROR_FAILED,
                             "the root file system's reads back as %s, and %s was written",
                             found != NULL ? found : "nothing", fresh->root_uuid);
}

static gboolean
check_root (const LodgeFlashIdentity *identity, const LodgeFlashDevice *device,
            GCancellable *cancellable, GError **error)
{
  g_autofree char *path = root_path (identity, device);
  g_autofree char *output = NULL;
  const char *argv[] = { "e2fsck", "-f", "-n", path, NULL };

  output = lodge_run (argv, NULL, cancellable, error);
  return output != NULL;
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
             && check_root (identity, device, cancellable, error);
    }
  if (!good)
    g_prefix_error (error, "give %s UUIDs of its own: ", device->path);
  return good;
}
