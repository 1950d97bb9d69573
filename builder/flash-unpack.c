/* Compressed, qcow2 and VMDK images, unpacked to raw ones.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Into a file and not straight to the disks: whether a stream is whole is known at its end only.
 */
#include "builder/flash-unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/flash-source.h"
#include "common/error.h"
#include "common/run.h"

enum
{
  LONGEST_MAGIC = 6,
  BLOCK = 64 * 1024, /* bytes: zeros of this length become a hole */
  START = BLOCK,     /* bytes that hold the partition table */
};

typedef struct archive LodgeArchive;
static void
archive_clear (LodgeArchive *archive)
{
  archive_read_free (archive);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeArchive, archive_clear)

/* xz file format 1.2, RFC 8878, RFC 1952, bzip2's manual. */
static const struct
{
  const char *magic;
  gsize length;
  const char *suffix;
} compressions[] = {
  { "\xfd"
    "7zXZ",
    6, ".xz" },
  { "\x28\xb5\x2f\xfd", 4, ".zst" },
  { "\x1f\x8b", 2, ".gz" },
  { "BZh", 3, ".bz2" },
};

const char *
lodge_flash_compression (const char *image, GError **error)
{
  char start[LONGEST_MAGIC];
  int fd = open (image, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  ssize_t count;
  int saved;

  if (fd < 0)
    {
      lodge_error_set_errno (error, errno, "open %s", image);
      return NULL;
    }
  count = TEMP_FAILURE_RETRY (read (fd, start, sizeof start));
  saved = errno;
  close (fd);
  if (count < 0)
    {
      lodge_error_set_errno (error, saved, "read %s", image);
      return NULL;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (compressions); i++)
    if (count >= (ssize_t)compressions[i].length
        && memcmp (start, compressions[i].magic, compressions[i].length) == 0)
      return compressions[i].suffix;
  return NULL;
}

static gboolean
set_archive_error (LodgeArchive *archive, const char *image, GError **error)
{
  const char *reason = archive_error_string (archive);

  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s cannot be unpacked: %s; get it again",
                          image, reason != NULL ? reason : "it is damaged");
}

static gboolean
write_block (int fd, const guint8 *bytes, gsize length, guint64 offset, GError **error)
{
  if (bytes[0] == 0 && memcmp (bytes, bytes + 1, length - 1) == 0)
    return TRUE;
  while (length > 0)
    {
      ssize_t put = TEMP_FAILURE_RETRY (pwrite (fd, bytes, length, (off_t)offset));

      if (put <= 0)
        return lodge_error_set_errno (error, put < 0 ? errno : ENOSPC,
                                      "unpack the image into TMPDIR or /var/tmp (TMPDIR=DIR "
                                      "chooses a place with more space)");
      bytes += put;
      offset += (guint64)put;
      length -= (gsize)put;
    }
  return TRUE;
}

/* What libarchive still gives, BLOCK bytes or all that is left; -1: an error. */
static gssize
read_block (LodgeArchive *archive, guint8 *block)
{
  gsize filled = 0;

  /* libarchive gives what it has got; a hole wants whole blocks. */
  while (filled < BLOCK)
    {
      la_ssize_t got = archive_read_data (archive, block + filled, BLOCK - filled);

      if (got < 0)
        return -1;
      if (got == 0)
        break;
      filled += (gsize)got;
    }
  return (gssize)filled;
}

static gboolean
unpack (LodgeArchive *archive, const char *image, int fd, guint64 limit, guint64 packed,
        LodgeProgress *progress, GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *block = g_malloc (BLOCK);
  guint64 size = 0;

  while (size < limit)
    {
      gssize filled = read_block (archive, block);

      if (filled < 0)
        return set_archive_error (archive, image, error);
      if (filled == 0)
        break;
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !write_block (fd, block, (gsize)filled, size, error))
        return FALSE;
      size += (gsize)filled;
      if (progress != NULL)
        lodge_progress_bytes (progress, (guint64)archive_filter_bytes (archive, -1), packed);
    }
  if (ftruncate (fd, (off_t)size) != 0)
    return lodge_error_set_errno (error, errno, "unpack %s", image);
  return TRUE;
}

/* At most LIMIT bytes, rounded up to a block; PROGRESS may be NULL. */
static gboolean
unpack_file (const char *image, int fd, guint64 limit, LodgeProgress *progress,
             GCancellable *cancellable, GError **error)
{
  g_autoptr (LodgeArchive) archive = archive_read_new ();
  struct archive_entry *entry;
  struct stat status;

  if (archive == NULL)
    return lodge_error_set_errno (error, ENOMEM, "unpack %s", image);
  archive_read_support_filter_xz (archive);
  archive_read_support_filter_zstd (archive);
  archive_read_support_filter_gzip (archive);
  archive_read_support_filter_bzip2 (archive);
  archive_read_support_format_raw (archive);
  if (stat (image, &status) != 0)
    return lodge_error_set_errno (error, errno, "look at %s", image);
  if (archive_read_open_filename (archive, image, BLOCK) != ARCHIVE_OK
      || archive_read_next_header (archive, &entry) != ARCHIVE_OK)
    return set_archive_error (archive, image, error);
  return unpack (archive, image, fd, limit, (guint64)status.st_size, progress, cancellable, error);
}

static int
unpack_to_temporary (const char *image, const char *what, guint64 limit, LodgeProgress *progress,
                     GCancellable *cancellable, GError **error)
{
  int fd = lodge_flash_temporary (0, what, error);

  if (fd < 0)
    return -1;
  if (progress != NULL)
    lodge_progress_step (progress, "unpack", "Unpack the image");
  if (unpack_file (image, fd, limit, progress, cancellable, error))
    return fd;
  close (fd);
  return -1;
}

int
lodge_flash_unpack (const char *image, LodgeProgress *progress, GCancellable *cancellable,
                    GError **error)
{
  return unpack_to_temporary (image, "the unpacked image", G_MAXUINT64, progress, cancellable,
                              error);
}

int
lodge_flash_unpack_start (const char *image, GCancellable *cancellable, GError **error)
{
  return unpack_to_temporary (image, "the beginning of the image", START, NULL, cancellable, error);
}

/* What qemu-img-info(1) calls a backing file and a data file. */
static gboolean
names_other_file (JsonObject *image)
{
  JsonObject *specific = NULL;

  if (json_object_has_member (image, "format-specific"))
    specific = json_object_get_object_member (image, "format-specific");
  if (specific != NULL && json_object_has_member (specific, "data"))
    specific = json_object_get_object_member (specific, "data");
  return json_object_has_member (image, "backing-filename")
         || (specific != NULL && json_object_has_member (specific, "data-file"));
}

gboolean
lodge_flash_virtual_size (const char *image, const char *format, guint64 *size,
                          GCancellable *cancellable, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (image, NULL); /* a colon is none of a protocol */
  const char *argv[] = { "qemu-img", "info", "-f", format, "--output=json", path, NULL };
  g_autofree char *text = lodge_run (argv, NULL, cancellable, error);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root;

  if (text == NULL)
    return FALSE;
  if (!json_parser_load_from_data (parser, text, -1, NULL)
      || (root = json_parser_get_root (parser)) == NULL || !JSON_NODE_HOLDS_OBJECT (root)
      || json_object_get_int_member_with_default (json_node_get_object (root), "virtual-size", 0)
             <= 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "qemu-img does not tell the size of %s",
                            image);
  if (names_other_file (json_node_get_object (root)))
    return lodge_error_set (
        error, LODGE_ERROR_REFUSED,
        "%s is only a part of an image, the rest is in other files; if they are "
        "meant, make one of them with qemu-img convert",
        image);
  *size = (guint64)json_object_get_int_member (json_node_get_object (root), "virtual-size");
  return TRUE;
}

int
lodge_flash_convert (const char *image, const char *format, LodgeProgress *progress,
                     GCancellable *cancellable, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (image, NULL);
  g_autofree char *target = NULL;
  g_autofree char *output = NULL;
  guint64 size = 0;
  int fd;

  lodge_progress_step (progress, "convert", "Convert the image");
  if (!lodge_flash_virtual_size (image, format, &size, cancellable, error))
    return -1;
  fd = lodge_flash_temporary (size, "the converted image", error);
  if (fd < 0)
    return -1;
  target = lodge_flash_temporary_path (fd);
  {
    const char *argv[]
        = { "qemu-img", "convert", "-n", "--target-is-zero", "-f", format, "-O", "raw",
            path,       target,    NULL };

    output = lodge_run (argv, NULL, cancellable, error);
  }
  if (output != NULL)
    return fd;
  g_prefix_error (error, "convert %s: ", image);
  close (fd);
  return -1;
}
