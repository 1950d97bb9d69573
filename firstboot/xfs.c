/* The XFS file system of the VM storage.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/xfs.h"
#include "common/error.h"
#include "common/run.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
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

static gboolean
has_entries (const char *directory, gboolean *holds, GError **error)
{
  g_autoptr (GDir) entries = g_dir_open (directory, 0, error);

  if (entries == NULL)
    return FALSE;
  *holds = g_dir_read_name (entries) != NULL;
  return TRUE;
}

gboolean
lodge_xfs_holds_files (const char *node, gboolean *holds, GError **error)
{
  char directory[] = "/run/lodge-look-XXXXXX";
  gboolean looked;
  int failure = 0;

  *holds = FALSE;
  if (g_mkdtemp (directory) == NULL)
    return lodge_error_set_errno (error, errno, "make a directory in /run");
  if (mount (node, directory, "xfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
    {
      failure = errno;
      g_rmdir (directory);
      /* What the kernel's XFS says of a superblock that mkfs.xfs has not declared complete, of
       * metadata that is not XFS's, and of a wrong checksum. */
      if (failure == EUCLEAN || failure == EINVAL || failure == EBADMSG)
        return TRUE;
      return lodge_error_set_errno (error, failure, "look into the file system on %s", node);
    }
  looked = has_entries (directory, holds, error);
  if (umount2 (directory, 0) != 0 && looked)
    looked = lodge_error_set_errno (error, errno, "unmount %s from %s", node, directory);
  g_rmdir (directory);
  return looked;
}
