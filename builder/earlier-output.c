/* What a build may replace.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/earlier-output.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/checksums.h"
#include "builder/output.h"
#include "common/error.h"

enum
{
  SECTOR_SIZE = 512,
  /* The partition table of a master boot record (UEFI specification, "Legacy Master Boot Record"):
   * four entries and the mark. */
  MBR_ENTRIES_OFFSET = 446,
  MBR_ENTRY_SIZE = 16,
  MBR_ENTRIES = 4,
  MBR_TYPE_OFFSET = 4, /* in an entry */
  MBR_MARK_OFFSET = 510,
  MBR_BOOTABLE = 0x80,
  START = 4096, /* bytes that are looked at */
};

typedef struct archive LodgeArchive;
static void
archive_clear (LodgeArchive *archive)
{
  archive_read_free (archive);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeArchive, archive_clear)

/* The first bytes of a file, and a 0 after them. */
typedef struct
{
  char bytes[START + 1];
  gsize length;
} Start;

static gboolean
begins_with (const Start *start, const char *magic, gsize length)
{
  return start->length >= length && memcmp (start->bytes, magic, length) == 0;
}

/* GPT has one too, which protects it.  The mark alone would not do: a FAT file system has it, and
 * other boot sectors. */
static gboolean
has_partition_table (const Start *start)
{
  const guint8 *sector = (const guint8 *)start->bytes;
  gboolean used = FALSE;

  if (start->length < SECTOR_SIZE || memcmp (sector + MBR_MARK_OFFSET, "\x55\xaa", 2) != 0)
    return FALSE;
  for (guint i = 0; i < MBR_ENTRIES; i++)
    {
      const guint8 *entry = sector + MBR_ENTRIES_OFFSET + i * MBR_ENTRY_SIZE;

      if (entry[0] != 0 && entry[0] != MBR_BOOTABLE)
        return FALSE;
      used = used || entry[MBR_TYPE_OFFSET] != 0;
    }
  return used;
}

/* Reads what is compressed in the file FD, as far as it is looked at. */
static gboolean
unpack_start (int fd, Start *start)
{
  g_autoptr (LodgeArchive) archive = archive_read_new ();
  struct archive_entry *entry;
  la_ssize_t count = 1;

  archive_read_support_filter_zstd (archive);
  archive_read_support_format_raw (archive);
  start->length = 0;
  if (archive_read_open_fd (archive, fd, START) != ARCHIVE_OK
      || archive_read_next_header (archive, &entry) != ARCHIVE_OK)
    return FALSE;
  while (start->length < START && count > 0)
    {
      count = archive_read_data (archive, start->bytes + start->length, START - start->length);
      if (count > 0)
        start->length += (gsize)count;
    }
  return count >= 0;
}

/* An OVA is a tar archive whose first file is the description of the machine (Open Virtualization
 * Format 2.1.1, "Distribution as a single file"). */
static gboolean
is_ova (int fd)
{
  g_autoptr (LodgeArchive) archive = archive_read_new ();
  struct archive_entry *entry;
  const char *name;

  archive_read_support_format_tar (archive);
  if (archive_read_open_fd (archive, fd, START) != ARCHIVE_OK
      || archive_read_next_header (archive, &entry) != ARCHIVE_OK)
    return FALSE;
  name = archive_entry_pathname (entry);
  return name != NULL && g_str_has_suffix (name, ".ovf");
}

/* QEMU's documentation, docs/interop/qcow2.txt; VMware's Virtual Disk Format 5.0; RFC 8878. */
static gboolean
is_image (int fd, Start *start)
{
  if (has_partition_table (start) || begins_with (start, "QFI\xfb", 4)
      || begins_with (start, "KDMV", 4))
    return TRUE;
  if (lseek (fd, 0, SEEK_SET) != 0)
    return FALSE;
  if (begins_with (start, "\x28\xb5\x2f\xfd", 4))
    return unpack_start (fd, start) && has_partition_table (start);
  return is_ova (fd);
}

/* Its members are sorted, "build_hash" is among the first. */
static gboolean
is_manifest (const char *text)
{
  return *text == '{' && strstr (text, "\"build_hash\"") != NULL;
}

/* Of the images called as the file PATH. */
static gboolean
is_checksums (const char *path, const char *text)
{
  g_autofree char *stem = g_path_get_basename (path);

  stem[strlen (stem) - strlen (LODGE_OUTPUT_CHECKSUMS)] = '\0';
  return lodge_checksums_are_of (text, stem);
}

static gboolean
is_companion (const char *path, const Start *start)
{
  if (g_str_has_suffix (path, LODGE_OUTPUT_MAP))
    return g_str_has_prefix (start->bytes, "lodge-flash-map ");
  if (g_str_has_suffix (path, LODGE_OUTPUT_CHECKSUMS))
    return is_checksums (path, start->bytes);
  return is_manifest (start->bytes);
}

/* Sets *FD to the file PATH, or to -1 when nothing would be lost with it. */
static gboolean
open_earlier (const char *path, int *fd, Start *start, GError **error)
{
  struct stat status;
  ssize_t count;
  int saved;

  *fd = -1;
  if (stat (path, &status) != 0 || !S_ISREG (status.st_mode) || status.st_size == 0)
    return TRUE;
  /* O_NONBLOCK: it may have become a pipe. */
  *fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  count = *fd < 0 ? -1 : TEMP_FAILURE_RETRY (read (*fd, start->bytes, START));
  saved = errno;
  if (count >= 0)
    {
      start->length = (gsize)count;
      start->bytes[count] = '\0';
      return TRUE;
    }
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
  return lodge_error_set (error, LODGE_ERROR_REFUSED,
                          "the output %s is there and cannot be read (%s), so that it may be "
                          "anything; move it away or choose another name with -o",
                          path, g_strerror (saved));
}

gboolean
lodge_earlier_image_check (const char *path, GError **error)
{
  Start start;
  gboolean fine;
  int fd;

  if (!open_earlier (path, &fd, &start, error))
    return FALSE;
  if (fd < 0)
    return TRUE;
  fine = is_image (fd, &start);
  close (fd);
  return fine
         || lodge_error_set (error, LODGE_ERROR_REFUSED,
                             "the output %s is there and is no disk image that Lodge makes; move "
                             "it away or choose another name with -o",
                             path);
}

gboolean
lodge_earlier_companion_check (const char *path, GError **error)
{
  Start start;
  int fd;

  if (!open_earlier (path, &fd, &start, error))
    return FALSE;
  if (fd < 0)
    return TRUE;
  close (fd);
  return is_companion (path, &start)
         || lodge_error_set (error, LODGE_ERROR_REFUSED,
                             "the file %s, which the build would write too, is there and was not "
                             "made by one; move it away or choose another name with -o",
                             path);
}
