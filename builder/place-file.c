/* Putting a new file in an old one's place.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/place-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"

/* Never in the work directory, which the next build empties. */
#define OLD_SUFFIX ".lodge-old"

struct _LodgePlacedFile
{
  char *path;
  char *part;
  char *old; /* the old file's second or only name, where names cannot be exchanged */
  enum
  {
    UNTOUCHED,
    KEPT,      /* the old file is `old` */
    EXCHANGED, /* PATH is the new file, PART the old one */
    REPLACED,  /* PATH is the new file, `old` the old one */
    NEW,       /* PATH is the new file, and there was no old one */
  } state;
};

static char *
old_path (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *hidden = g_strconcat (".", name, OLD_SUFFIX, NULL);

  return g_build_filename (directory, hidden, NULL);
}

LodgePlacedFile *
lodge_placed_file_new (const char *path, const char *part)
{
  LodgePlacedFile *file = g_new0 (LodgePlacedFile, 1);

  file->path = g_strdup (path);
  file->part = g_strdup (part);
  file->old = old_path (path);
  return file;
}

void
lodge_placed_file_free (LodgePlacedFile *file)
{
  g_free (file->path);
  g_free (file->part);
  g_free (file->old);
  g_free (file);
}

const char *
lodge_placed_file_path (const LodgePlacedFile *file)
{
  return file->path;
}

const char *
lodge_placed_file_part (const LodgePlacedFile *file)
{
  return file->part;
}

static gboolean
exchange (const LodgePlacedFile *file)
{
  return renameat2 (AT_FDCWD, file->part, AT_FDCWD, file->path, RENAME_EXCHANGE) == 0;
}

/* With a link PATH always names a file.  A file system may have no links (FAT), and a file of
 * somebody else must not be linked to (proc(5), protected_hardlinks). */
static gboolean
keep_old (LodgePlacedFile *file, GError **error)
{
  if (link (file->path, file->old) != 0 && rename (file->path, file->old) != 0)
    return lodge_error_set_errno (error, errno, "keep %s until the new one is in place",
                                  file->path);
  file->state = KEPT;
  return TRUE;
}

gboolean
lodge_placed_file_place (LodgePlacedFile *file, GError **error)
{
  struct stat status;
  gboolean had = lstat (file->path, &status) == 0;

  if (!had && errno != ENOENT)
    return lodge_error_set_errno (error, errno, "look at %s", file->path);
  /* rename(2) would move a directory out of the way, too. */
  if (had && S_ISDIR (status.st_mode))
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "%s has become a directory: it is not replaced", file->path);
  if (had && exchange (file))
    {
      file->state = EXCHANGED;
      return TRUE;
    }
  if (had && !keep_old (file, error))
    return FALSE;
  if (rename (file->part, file->path) != 0)
    return lodge_error_set_errno (error, errno, "rename %s to %s", file->part, file->path);
  file->state = had ? REPLACED : NEW;
  return TRUE;
}

/* rename(2) does nothing when both names are the same file's. */
static gboolean
put_back (const char *old, const char *path)
{
  return rename (old, path) == 0 && (unlink (old) == 0 || errno == ENOENT);
}

void
lodge_placed_file_restore (LodgePlacedFile *file, GError **error)
{
  gboolean restored = TRUE;

  switch (file->state)
    {
    case UNTOUCHED:
      break;
    case KEPT:
    case REPLACED:
      restored = put_back (file->old, file->path);
      break;
    case EXCHANGED:
      restored = exchange (file);
      break;
    case NEW:
      restored = unlink (file->path) == 0;
      break;
    }
  if (!restored)
    g_prefix_error (error, "%s could not be made what it was (%s), after: ", file->path,
                    g_strerror (errno));
}

gboolean
lodge_placed_file_forget (LodgePlacedFile *file, GError **error)
{
  if (file->state == REPLACED && unlink (file->old) != 0 && errno != ENOENT)
    return lodge_error_set_errno (error, errno, "remove %s", file->old);
  return TRUE;
}

gboolean
lodge_placed_file_recover (const char *path, GError **error)
{
  g_autofree char *old = old_path (path);
  struct stat status;

  if (lstat (old, &status) != 0 && errno == ENOENT)
    return TRUE;
  if (lstat (path, &status) == 0)
    {
      if (unlink (old) != 0)
        return lodge_error_set_errno (error, errno, "remove %s", old);
    }
  else if (!put_back (old, path))
    return lodge_error_set_errno (error, errno,
                                  "make %s, which an earlier build has kept, %s again", old, path);
  return TRUE;
}
