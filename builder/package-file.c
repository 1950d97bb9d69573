/* Reading an .rpm or .deb.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/package-file.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"

enum
{
  BLOCK = 64 * 1024,             /* bytes read at once */
  FILE_LIMIT = 256 * 1024 * 1024 /* bytes */
};

typedef struct
{
  const char *file;
  const LodgePackageFileWanted *wanted;
  GHashTable *found; /* of LodgePackageFileWanted, not owned */
  GCancellable *cancellable;
} Reader;

static gboolean
archive_failed (const Reader *reader, struct archive *archive, GError **error)
{
  return lodge_error_set (error, LODGE_ERROR_USAGE,
                          "%s cannot be read as an .rpm or .deb package: %s", reader->file,
                          archive_error_string (archive));
}

static gboolean
copy_entry (const Reader *reader, struct archive *archive, struct archive_entry *entry,
            const LodgePackageFileWanted *wanted, GError **error)
{
  int fd;
  gboolean done;

  if (archive_entry_size (entry) > FILE_LIMIT)
    return lodge_error_set (error, LODGE_ERROR_USAGE, "%s in %s is too large", wanted->name,
                            reader->file);
  fd = open (wanted->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return lodge_error_set_errno (error, errno, "create %s", wanted->path);
  done = archive_read_data_into_fd (archive, fd) == ARCHIVE_OK;
  if (!done)
    archive_failed (reader, archive, error);
  else if (fchmod (fd, (mode_t)wanted->mode) != 0)
    done = lodge_error_set_errno (error, errno, "write %s", wanted->path);
  close (fd);
  return done;
}

/* rpm's archives have "./usr/x", others "/usr/x" or "usr/x". */
static const LodgePackageFileWanted *
find_wanted (const Reader *reader, struct archive_entry *entry)
{
  const char *path = archive_entry_pathname (entry);

  if (path == NULL || archive_entry_filetype (entry) != AE_IFREG)
    return NULL;
  path += *path == '.' ? 1 : 0;
  path += *path == '/' ? 1 : 0;
  for (const LodgePackageFileWanted *wanted = reader->wanted; wanted->name != NULL; wanted++)
    if (strcmp (wanted->name, path) == 0)
      return wanted;
  return NULL;
}

static gboolean
read_files (const Reader *reader, struct archive *archive, GError **error)
{
  struct archive_entry *entry;
  int status;

  while ((status = archive_read_next_header (archive, &entry)) == ARCHIVE_OK
         || status == ARCHIVE_WARN)
    {
      const LodgePackageFileWanted *wanted = find_wanted (reader, entry);

      if (g_cancellable_set_error_if_cancelled (reader->cancellable, error))
        return FALSE;
      if (wanted == NULL || !g_hash_table_add (reader->found, (gpointer)wanted))
        continue;
      if (!copy_entry (reader, archive, entry, wanted, error))
        return FALSE;
    }
  return status == ARCHIVE_EOF || archive_failed (reader, archive, error);
}

/* --- a .deb is an archive in an archive (deb(5)) --- */

typedef struct
{
  struct archive *outer;
  char block[BLOCK];
} Member;

static la_ssize_t
read_member (struct archive *inner, void *data, const void **block)
{
  Member *member = data;
  la_ssize_t size = archive_read_data (member->outer, member->block, sizeof member->block);

  *block = member->block;
  if (size < 0)
    archive_set_error (inner, archive_errno (member->outer), "%s",
                       archive_error_string (member->outer));
  return size;
}

static gboolean
read_data_member (const Reader *reader, struct archive *outer, GError **error)
{
  g_autofree Member *member = g_new (Member, 1);
  struct archive *inner = archive_read_new ();
  gboolean done;

  member->outer = outer;
  archive_read_support_filter_all (inner);
  archive_read_support_format_tar (inner);
  if (archive_read_open (inner, member, NULL, read_member, NULL) != ARCHIVE_OK)
    done = archive_failed (reader, inner, error);
  else
    done = read_files (reader, inner, error);
  archive_read_free (inner);
  return done;
}

static gboolean
read_deb (const Reader *reader, struct archive *outer, GError **error)
{
  struct archive_entry *entry;
  int status;

  while ((status = archive_read_next_header (outer, &entry)) == ARCHIVE_OK
         || status == ARCHIVE_WARN)
    if (g_str_has_prefix (archive_entry_pathname (entry), "data.tar"))
      return read_data_member (reader, outer, error);
  if (status != ARCHIVE_EOF)
    return archive_failed (reader, outer, error);
  return lodge_error_set (error, LODGE_ERROR_USAGE, "%s has nothing in it", reader->file);
}

/* An RPM is a cpio archive behind a filter for libarchive. */
static gboolean
read_package (const Reader *reader, struct archive *archive, gboolean deb, GError **error)
{
  archive_read_support_filter_all (archive);
  if (deb)
    archive_read_support_format_ar (archive);
  else
    archive_read_support_format_cpio (archive);
  if (archive_read_open_filename (archive, reader->file, BLOCK) != ARCHIVE_OK)
    return archive_failed (reader, archive, error);
  return deb ? read_deb (reader, archive, error) : read_files (reader, archive, error);
}

static gboolean
check_found (const Reader *reader, GError **error)
{
  for (const LodgePackageFileWanted *wanted = reader->wanted; wanted->name != NULL; wanted++)
    if (!g_hash_table_contains (reader->found, wanted))
      return lodge_error_set (error, LODGE_ERROR_USAGE, "%s has no file /%s", reader->file,
                              wanted->name);
  return TRUE;
}

/* Debian's packages begin with this (ar(5)). */
static gboolean
is_deb (const char *file, gboolean *deb, GError **error)
{
  static const char magic[] = "!<arch>\n";
  char start[sizeof magic - 1];
  int fd = open (file, O_RDONLY | O_CLOEXEC);
  ssize_t count;
  int saved;

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "open %s", file);
  count = TEMP_FAILURE_RETRY (read (fd, start, sizeof start));
  saved = errno;
  close (fd);
  if (count < 0)
    return lodge_error_set_errno (error, saved, "read %s", file);
  *deb = count == (ssize_t)sizeof start && memcmp (start, magic, sizeof start) == 0;
  return TRUE;
}

gboolean
lodge_package_file_copy (const char *file, const LodgePackageFileWanted *wanted,
                         GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) found = g_hash_table_new (NULL, NULL);
  Reader reader = { .file = file, .wanted = wanted, .found = found, .cancellable = cancellable };
  struct archive *archive;
  gboolean deb = FALSE;
  gboolean done;

  if (!is_deb (file, &deb, error))
    return FALSE;
  archive = archive_read_new ();
  done = read_package (&reader, archive, deb, error);
  archive_read_free (archive);
  return done && check_found (&reader, error);
}
