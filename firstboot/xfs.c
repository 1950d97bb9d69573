/* The XFS file system of the VM storage.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/xfs.h"
#include "common/error.h"
#include "common/run.h"
#include "firstboot/i18n.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* Everything that was written to NODE is on the disk, its own cache included, when this returns. */
static gboolean
flush (const char *node, GError **error)
{
  int fd = open (node, O_RDONLY | O_CLOEXEC);
  int failure;

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "open %s", node);
  failure = fsync (fd) == 0 ? 0 : errno;
  close (fd);
  return failure == 0 || lodge_error_set_errno (error, failure, "write to %s", node);
}

gboolean
lodge_xfs_make (const char *node, const char *uuid, GCancellable *cancellable, GError **error)
{
  g_autofree char *metadata = g_strdup_printf ("reflink=1,uuid=%s", uuid);
  const char *argv[] = { "mkfs.xfs", "-q", "-m", metadata, "-L", LODGE_XFS_LABEL, node, NULL };
  g_autofree char *output = lodge_run (argv, NULL, cancellable, error);

  return output != NULL && flush (node, error);
}

gboolean
lodge_xfs_is_clean (const char *node)
{
  const char *const argv[] = { "xfs_logprint", "-t", node, NULL };
  g_autofree char *output = lodge_run (argv, NULL, NULL, NULL);

  /* It prints "state: <DIRTY>" and all transactions otherwise. */
  return output != NULL && strstr (output, "state: <CLEAN>") != NULL;
}

/* Whether the kernel's XFS says with this that the file system is incomplete: a superblock that
 * mkfs.xfs has not declared complete, metadata that is not XFS's, a wrong checksum, and a file
 * system that it shut down for any of these after mounting it.  EIO may also be the disk's; then
 * what is done about an incomplete file system fails too, on the first write. */
static gboolean
is_incomplete (int failure)
{
  return failure == EUCLEAN || failure == EINVAL || failure == EBADMSG || failure == EIO;
}

/* Sets *HOLDS; the errno of a directory that cannot be read, or 0. */
static int
look (const char *directory, gboolean *holds)
{
  DIR *entries = opendir (directory);
  const struct dirent *entry;
  int failure;

  if (entries == NULL)
    return errno;
  errno = 0;
  while ((entry = readdir (entries)) != NULL && !*holds)
    *holds = !g_str_equal (entry->d_name, ".") && !g_str_equal (entry->d_name, "..");
  failure = entry == NULL ? errno : 0;
  closedir (entries);
  return failure;
}

gboolean
lodge_xfs_holds_files (const char *node, gboolean *holds, GError **error)
{
  char directory[] = "/run/lodge-look-XXXXXX";
  int failure = 0;

  *holds = FALSE;
  if (g_mkdtemp (directory) == NULL)
    return lodge_error_set_errno (error, errno, N_ ("make a directory in /run"));
  if (mount (node, directory, "xfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
    failure = errno;
  else
    {
      failure = look (directory, holds);
      if (umount2 (directory, 0) != 0)
        return lodge_error_set_errno (error, errno, N_ ("unmount %s from %s"), node, directory);
    }
  g_rmdir (directory);
  return failure == 0 || is_incomplete (failure)
         || lodge_error_set_errno (error, failure, N_ ("look into the file system on %s"), node);
}
