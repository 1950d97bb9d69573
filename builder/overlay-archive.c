/* The overlay as a tar archive.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/overlay-private.h"
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
  BUFFER_SIZE = 256 * 1024,
};

typedef struct archive LodgeArchive;
typedef struct archive_entry LodgeArchiveEntry;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeArchive, archive_write_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeArchiveEntry, archive_entry_free)

static gboolean
archive_failed (struct archive *archive, GError **error)
{
  return lodge_error_set (error, LODGE_ERROR_FAILED, "write the archive: %s",
                          archive_error_string (archive));
}

static gboolean
write_header (struct archive *archive, const LodgeOverlayEntry *entry, gint64 size, gint64 time,
              GError **error)
{
  g_autoptr (LodgeArchiveEntry) header = archive_entry_new ();

  archive_entry_set_pathname (header, entry->path);
  archive_entry_set_perm (header, (mode_t)entry->mode);
  archive_entry_set_uid (header, 0);
  archive_entry_set_gid (header, 0);
  archive_entry_set_uname (header, "root");
  archive_entry_set_gname (header, "root");
  archive_entry_set_mtime (header, time, 0);
  archive_entry_set_filetype (header, entry->kind == LODGE_OVERLAY_FILE   ? AE_IFREG
                                      : entry->kind == LODGE_OVERLAY_LINK ? AE_IFLNK
                                                                          : AE_IFDIR);
  if (entry->kind == LODGE_OVERLAY_FILE)
    archive_entry_set_size (header, size);
  if (entry->kind == LODGE_OVERLAY_LINK)
    archive_entry_set_symlink (header, entry->target);
  if (archive_write_header (archive, header) != ARCHIVE_OK)
    return archive_failed (archive, error);
  return TRUE;
}

static gboolean
write_data (struct archive *archive, const void *data, gsize size, GError **error)
{
  if (size > 0 && archive_write_data (archive, data, size) != (la_ssize_t)size)
    return archive_failed (archive, error);
  return TRUE;
}

/* Copies SIZE bytes from FD, which is open on SOURCE. */
static gboolean
copy_data (struct archive *archive, int fd, const char *source, gint64 size, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (BUFFER_SIZE);

  while (size > 0)
    {
      ssize_t count = TEMP_FAILURE_RETRY (read (fd, buffer, (size_t)MIN (size, BUFFER_SIZE)));

      if (count < 0)
        return lodge_error_set_errno (error, errno, "read %s", source);
      if (count == 0)
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                "%s became shorter while it was read; build again", source);
      if (!write_data (archive, buffer, (gsize)count, error))
        return FALSE;
      size -= count;
    }
  return TRUE;
}

static gboolean
write_file (struct archive *archive, const LodgeOverlayEntry *entry, gint64 time, GError **error)
{
  int fd = open (entry->source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat status;
  gboolean done;

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "open %s", entry->source);
  if (fstat (fd, &status) != 0)
    done = lodge_error_set_errno (error, errno, "look at %s", entry->source);
  else
    done = write_header (archive, entry, status.st_size, time, error)
           && copy_data (archive, fd, entry->source, status.st_size, error);
  close (fd);
  return done;
}

static gboolean
write_entry (struct archive *archive, const LodgeOverlayEntry *entry, gint64 time, GError **error)
{
  gsize size = entry->content != NULL ? strlen (entry->content) : 0;

  if (entry->source != NULL)
    return write_file (archive, entry, time, error);
  return write_header (archive, entry, (gint64)size, time, error)
         && write_data (archive, entry->content, size, error);
}

gboolean
lodge_overlay_write_archive (LodgeOverlay *overlay, gint64 time, const char *tar_path,
                             GError **error)
{
  g_autoptr (GPtrArray) entries = lodge_overlay_sorted (overlay);
  g_autoptr (LodgeArchive) archive = archive_write_new ();

  if (archive_write_set_format_pax_restricted (archive) != ARCHIVE_OK
      || archive_write_open_filename (archive, tar_path) != ARCHIVE_OK)
    return archive_failed (archive, error);
  for (guint i = 0; i < entries->len; i++)
    if (!write_entry (archive, g_ptr_array_index (entries, i), time, error))
      return FALSE;
  if (archive_write_close (archive) != ARCHIVE_OK)
    return archive_failed (archive, error);
  return TRUE;
}
