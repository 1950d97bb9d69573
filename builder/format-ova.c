/* OVA: the OVF descriptor, the manifest of digests and the VMDK in one archive.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * DSP0243, "OVA": a tar archive in the ustar format that begins with the descriptor; VMware's
 * importers want the manifest right behind it.
 */
#include "builder/format.h"
#include "builder/hash.h"
#include "builder/ovf.h"
#include "common/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  CHUNK = 1024 * 1024, /* bytes copied at a time */
};

/* Eleven octal digits. */
#define USTAR_LIMIT ((G_GUINT64_CONSTANT (1) << 33) - 1)

typedef struct archive LodgeArchive;
typedef struct archive_entry LodgeArchiveEntry;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeArchive, archive_write_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeArchiveEntry, archive_entry_free)

/* What goes into the archive. */
typedef struct
{
  char *descriptor_name;
  char *descriptor;
  char *manifest_name;
  char *manifest;
  char *disk_name;
  char *disk_path;
  guint64 disk_file_size;
} Parts;

static void
parts_clear (Parts *parts)
{
  g_free (parts->descriptor_name);
  g_free (parts->descriptor);
  g_free (parts->manifest_name);
  g_free (parts->manifest);
  g_free (parts->disk_name);
  g_free (parts->disk_path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

static gboolean
archive_failed (LodgeArchive *archive, GError **error)
{
  return lodge_error_set (error, LODGE_ERROR_FAILED, "write the archive: %s",
                          archive_error_string (archive));
}

static gboolean
add_header (LodgeArchive *archive, const char *name, guint64 size, gint64 epoch, GError **error)
{
  g_autoptr (LodgeArchiveEntry) header = archive_entry_new ();

  archive_entry_set_pathname (header, name);
  archive_entry_set_filetype (header, AE_IFREG);
  archive_entry_set_perm (header, 0644);
  archive_entry_set_uid (header, 0);
  archive_entry_set_gid (header, 0);
  archive_entry_set_mtime (header, epoch, 0);
  archive_entry_set_size (header, (la_int64_t)size);
  return archive_write_header (archive, header) == ARCHIVE_OK || archive_failed (archive, error);
}

static gboolean
add_data (LodgeArchive *archive, const void *data, gsize length, GError **error)
{
  return archive_write_data (archive, data, length) == (la_ssize_t)length
         || archive_failed (archive, error);
}

static gboolean
add_text (LodgeArchive *archive, const char *name, const char *text, gint64 epoch, GError **error)
{
  return add_header (archive, name, strlen (text), epoch, error)
         && add_data (archive, text, strlen (text), error);
}

static gboolean
copy_disk (LodgeArchive *archive, const Parts *parts, int fd, LodgeProgress *progress,
           GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK);

  for (guint64 done = 0; done < parts->disk_file_size;)
    {
      ssize_t count = TEMP_FAILURE_RETRY (read (fd, chunk, CHUNK));

      if (count <= 0)
        return lodge_error_set_errno (error, count < 0 ? errno : EIO, "read %s", parts->disk_path);
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !add_data (archive, chunk, (gsize)count, error))
        return FALSE;
      done += (guint64)count;
      if (progress != NULL)
        lodge_progress_bytes (progress, done, parts->disk_file_size);
    }
  return TRUE;
}

static gboolean
add_disk (LodgeArchive *archive, const Parts *parts, gint64 epoch, LodgeProgress *progress,
          GCancellable *cancellable, GError **error)
{
  int fd = open (parts->disk_path, O_RDONLY | O_CLOEXEC);
  gboolean added;

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "open %s", parts->disk_path);
  added = add_header (archive, parts->disk_name, parts->disk_file_size, epoch, error)
          && copy_disk (archive, parts, fd, progress, cancellable, error);
  close (fd);
  return added;
}

static gboolean
write_archive (const Parts *parts, const char *path, gint64 epoch, LodgeProgress *progress,
               GCancellable *cancellable, GError **error)
{
  g_autoptr (LodgeArchive) archive = archive_write_new ();

  if (archive_write_set_format_ustar (archive) != ARCHIVE_OK
      || archive_write_open_filename (archive, path) != ARCHIVE_OK)
    return archive_failed (archive, error);
  return add_text (archive, parts->descriptor_name, parts->descriptor, epoch, error)
         && add_text (archive, parts->manifest_name, parts->manifest, epoch, error)
         && add_disk (archive, parts, epoch, progress, cancellable, error)
         && (archive_write_close (archive) == ARCHIVE_OK || archive_failed (archive, error));
}

/* Fills PARTS with what is said of the disk that stands in its disk_path. */
static gboolean
describe (const LodgeFormatSource *source, Parts *parts, GCancellable *cancellable, GError **error)
{
  g_autofree char *disk_digest = NULL;
  g_autofree char *descriptor_digest = NULL;
  LodgeOvf ovf = { .template = source->template, .build_hash = source->build_hash };
  struct stat status;

  if (stat (source->raw, &status) != 0)
    {
      lodge_error_set_errno (error, errno, "look at %s", source->raw);
      return FALSE;
    }
  ovf.disk_size = (guint64)status.st_size;
  if (stat (parts->disk_path, &status) != 0)
    {
      lodge_error_set_errno (error, errno, "look at %s", parts->disk_path);
      return FALSE;
    }
  parts->disk_file_size = (guint64)status.st_size;
  if (parts->disk_file_size > USTAR_LIMIT)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "the compressed image is larger than the 8 GiB that an OVA can hold; take "
                       "--format vmdk");
      return FALSE;
    }
  disk_digest = lodge_hash_file (parts->disk_path, NULL, NULL, cancellable, error);
  if (disk_digest == NULL)
    return FALSE;
  ovf.disk_file = parts->disk_name;
  ovf.disk_file_size = parts->disk_file_size;
  parts->descriptor = lodge_ovf_format (&ovf);
  descriptor_digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, parts->descriptor, -1);
  /* No blank before the bracket: vSphere takes it for a part of the algorithm's name. */
  parts->manifest = g_strdup_printf ("SHA256(%s)= %s\nSHA256(%s)= %s\n", parts->descriptor_name,
                                     descriptor_digest, parts->disk_name, disk_digest);
  return TRUE;
}

gboolean
lodge_format_ova_write (const LodgeFormatSource *source, const char *path, LodgeProgress *progress,
                        GCancellable *cancellable, GError **error)
{
  g_autofree char *name = lodge_ovf_name (source->template);
  g_auto (Parts) parts = {
    .descriptor_name = g_strconcat (name, ".ovf", NULL),
    .manifest_name = g_strconcat (name, ".mf", NULL),
    .disk_name = g_strconcat (name, "-disk1.vmdk", NULL),
    .disk_path = g_strconcat (path, ".vmdk", NULL),
  };
  gboolean written;

  written = lodge_format_vmdk_write (source, parts.disk_path, progress, cancellable, error);
  if (written && progress != NULL)
    lodge_progress_step (progress, "archive", "Write the archive");
  written = written && describe (source, &parts, cancellable, error)
            && write_archive (&parts, path, source->epoch, progress, cancellable, error);
  unlink (parts.disk_path);
  if (!written)
    unlink (path);
  return written;
}
