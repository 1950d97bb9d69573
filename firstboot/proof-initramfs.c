/* The proof guest's initramfs: one program and a console.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/proof-initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "common/error.h"

typedef struct archive Archive;
typedef struct archive_entry ArchiveEntry;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, archive_write_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArchiveEntry, archive_entry_free)

static gboolean
archive_error (Archive *archive, const char *path, GError **error)
{
  return lodge_error_set (error, LODGE_ERROR_FAILED, "write %s: %s", path,
                          archive_error_string (archive));
}

/* One member; DATA is NULL for all but regular files. */
static gboolean
add (Archive *archive, const char *name, mode_t mode, dev_t device, const char *data, gsize length,
     const char *path, GError **error)
{
  g_autoptr (ArchiveEntry) entry = archive_entry_new ();

  archive_entry_set_pathname (entry, name);
  archive_entry_set_mode (entry, mode);
  archive_entry_set_nlink (entry, 1);
  archive_entry_set_size (entry, (la_int64_t)length);
  archive_entry_set_mtime (entry, 0, 0);
  if (S_ISCHR (mode))
    {
      archive_entry_set_rdevmajor (entry, major (device));
      archive_entry_set_rdevminor (entry, minor (device));
    }
  if (archive_write_header (archive, entry) != ARCHIVE_OK
      || (length > 0 && archive_write_data (archive, data, length) != (la_ssize_t)length))
    return archive_error (archive, path, error);
  return TRUE;
}

gboolean
lodge_proof_initramfs_write (const char *path, const char *init, gsize length, GError **error)
{
  g_autoptr (Archive) archive = archive_write_new ();

  if (archive_write_set_format_cpio_newc (archive) != ARCHIVE_OK
      || archive_write_add_filter_none (archive) != ARCHIVE_OK
      || archive_write_open_filename (archive, path) != ARCHIVE_OK)
    return archive_error (archive, path, error);
  if (!add (archive, "dev", S_IFDIR | 0755, 0, NULL, 0, path, error)
      || !add (archive, "dev/console", S_IFCHR | 0600, makedev (5, 1), NULL, 0, path, error)
      || !add (archive, "init", S_IFREG | 0755, 0, init, length, path, error))
    return FALSE;
  if (archive_write_close (archive) != ARCHIVE_OK)
    return archive_error (archive, path, error);
  return TRUE;
}
