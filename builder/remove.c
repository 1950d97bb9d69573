/* Removing a directory with all that is in it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/remove.h"

#include <errno.h>
#include <fts.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/paths.h"
#include "builder/sandbox.h"
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

enum
{
  ATTEMPTS = 100,
  ATTEMPT_MICROSECONDS = 10 * 1000,
};

/* What stood in the way.  `busy`: something appeared in a directory after it had been emptied. */
typedef struct
{
  GError *first;
  gboolean busy;
} Failures;

static void
note_failure (Failures *failures, const char *path, int errnum)
{
  if (errnum == ENOENT)
    return;
  if (errnum == ENOTEMPTY || errnum == EEXIST)
    failures->busy = TRUE;
  if (failures->first == NULL)
    lodge_error_set_errno (&failures->first, errnum, "remove %s", path);
}

static void
remove_entry (const FTSENT *entry, Failures *failures)
{
  switch (entry->fts_info)
    {
    case FTS_D:
      open_directory (entry);
      break;
    case FTS_DP:
      if (rmdir (entry->fts_accpath) != 0)
        note_failure (failures, entry->fts_path, errno);
      break;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
      note_failure (failures, entry->fts_path, entry->fts_errno);
      break;
    default:
      if (unlink (entry->fts_accpath) != 0)
        note_failure (failures, entry->fts_path, errno);
    }
}

static gboolean
remove_once (const char *path, Failures *failures)
{
  char *const paths[] = { (char *)path, NULL };
  FTS *walk = fts_open (paths, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL);
  const FTSENT *entry;

  if (walk == NULL)
    return lodge_error_set_errno (&failures->first, errno, "read %s", path);
  while ((entry = fts_read (walk)) != NULL)
    remove_entry (entry, failures);
  fts_close (walk);
  return failures->first == NULL;
}

/* When a program was killed, what it had started itself (dpkg-deb's tar) may live on for a moment
 * and write its last file into a directory that was just emptied: then all is done again. */
static gboolean
remove_ourselves (const char *path, GError **error)
{
  for (guint attempt = 1;; attempt++)
    {
      Failures failures = { NULL };

      if (remove_once (path, &failures))
        return TRUE;
      if (!failures.busy || attempt == ATTEMPTS)
        {
          g_propagate_error (error, failures.first);
          return FALSE;
        }
      g_clear_error (&failures.first);
      g_usleep (ATTEMPT_MICROSECONDS);
    }
}

/* Files that package scripts made belong to the caller's range of uids; only inside the sandbox is
 * the caller root over those. */
static gboolean
remove_inside (const char *path)
{
  g_autoptr (LodgePaths) paths = lodge_paths_find (NULL);
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);

  return paths != NULL && lodge_sandbox_remove (paths->helper, absolute, NULL);
}

gboolean
lodge_remove_tree (const char *path, GError **error)
{
  GError *failure = NULL;

  if (remove_ourselves (path, &failure) || (geteuid () != 0 && remove_inside (path)))
    {
      g_clear_error (&failure);
      return TRUE;
    }
  g_propagate_error (error, failure);
  return FALSE;
}
