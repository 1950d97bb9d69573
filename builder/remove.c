/* Removing a directory with all that is in it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/remove.h"

#include <errno.h>
#include <fts.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"

/* A directory without write permission cannot be emptied, and packages ship some. */
static void
open_directory (const FTSENT *entry)
{
  if ((entry->fts_statp->st_mode & S_IRWXU) != S_IRWXU && chmod (entry->fts_accpath, S_IRWXU) != 0)
    {
      /* Not ours: removing what is in it will fail, and that failure names the file. */
    }
}

static void
note_failure (GError **first, const char *path, int errnum)
{
  if (*first == NULL && errnum != ENOENT)
    lodge_error_set_errno (first, errnum, "remove %s", path);
}

gboolean
lodge_remove_tree (const char *path, GError **error)
{
  char *const paths[] = { (char *)path, NULL };
  GError *first = NULL;
  FTS *walk = fts_open (paths, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL);
  const FTSENT *entry;

  if (walk == NULL)
    return lodge_error_set_errno (error, errno, "read %s", path);
  while ((entry = fts_read (walk)) != NULL)
    switch (entry->fts_info)
      {
      case FTS_D:
        open_directory (entry);
        break;
      case FTS_DP:
        if (rmdir (entry->fts_accpath) != 0)
          note_failure (&first, entry->fts_path, errno);
        break;
      case FTS_DNR:
      case FTS_ERR:
      case FTS_NS:
        note_failure (&first, entry->fts_path, entry->fts_errno);
        break;
      default:
        if (unlink (entry->fts_accpath) != 0)
          note_failure (&first, entry->fts_path, errno);
      }
  fts_close (walk);
  if (first == NULL)
    return TRUE;
  g_propagate_error (error, first);
  return FALSE;
}
