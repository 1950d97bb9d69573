/* UUIDs of its own for each disk: what is changed on the disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A UUID is as long as another one, so what names it is changed in place: texts where
 * flash-mentions.c found them, a FAT's serial number in its boot sector and in the copy of that.
 * The root file system is tune2fs's (8), as all its checksums begin with the UUID.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "builder/flash-identity-private.h"
#include "builder/flash-mentions.h"
#include "builder/flash-partition.h"
#include "common/error.h"
#include "common/run.h"

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
