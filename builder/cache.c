/* The cache.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <pwd.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/hash.h"
#include "builder/remove.h"
#include "common/error.h"
#include "common/file.h"

static const char *const parts[]
    = { "packages/sha256", "roots", "toolchains", "programs", "apt", "logs", "tmp" };

/* See https://bford.info/cachedir/: backup programs leave such a directory out. */
static const char tag[] = "Signature: 8a477f597d28d172789f06886806bc55\n"
                          "# This is the cache of lodge(1); it may be removed at any time.\n";

char *
lodge_cache_package_path (const char *cache, const char *sha256, const char *suffix)
{
  g_autofree char *first = g_strndup (sha256, 2);
  g_autofree char *name = g_strconcat (sha256, ".", suffix, NULL);

  return g_build_filename (cache, "packages", "sha256", first, name, NULL);
}

gboolean
lodge_cache_has_package (const char *cache, const char *sha256, const char *suffix,
                         GCancellable *cancellable)
{
  g_autofree char *path = lodge_cache_package_path (cache, sha256, suffix);
  g_autofree char *found = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return FALSE;
  found = lodge_hash_file (path, NULL, NULL, cancellable, NULL);
  if (g_strcmp0 (found, sha256) == 0)
    {
      utimensat (AT_FDCWD, path, NULL, 0); /* it was used; see prune_packages() */
      return TRUE;
    }
  /* One that could not be read may be good, and in another build's use. */
  if (found != NULL)
    unlink (path);
  return FALSE;
}

/* Writes PATH to its disk, so that after a power cut nothing half has a final name; a directory
 * with all that is in it, for which there is only syncfs(2). */
static gboolean
sync_path (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  int saved;

  if (fd < 0 || fstat (fd, &status) != 0)
    {
      saved = errno;
      if (fd >= 0)
        close (fd);
      return lodge_error_set_errno (error, saved, "open %s", path);
    }
  saved = (S_ISDIR (status.st_mode) ? syncfs (fd) : fsync (fd)) == 0 ? 0 : errno;
  close (fd);
  if (saved != 0)
    return lodge_error_set_errno (error, saved, "write %s to its disk", path);
  return TRUE;
}

static gboolean
move_into_place (const char *from, const char *to, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (to);

  if (!sync_path (from, error))
    return FALSE;
  if (g_mkdir_with_parents (directory, 0700) != 0)
    return lodge_error_set_errno (error, errno, "make the directory %s", directory);
  if (rename (from, to) == 0)
    return lodge_file_sync_directory (to, error);
  /* A directory with something in it: while ours was written to the disk another build put there
   * what is made from the same. */
  if (errno == ENOTEMPTY || errno == EEXIST)
    return lodge_remove_tree (from, error);
  return lodge_error_set_errno (error, errno, "rename %s to %s", from, to);
}

gboolean
lodge_cache_add_package (const char *cache, const char *sha256, const char *suffix,
                         const char *file, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = lodge_cache_package_path (cache, sha256, suffix);
  g_autofree char *found = lodge_hash_file (file, NULL, NULL, cancellable, error);

  if (found == NULL)
    return FALSE;
  if (strcmp (found, sha256) != 0)
    {
      unlink (file);
      return lodge_error_set (error, LODGE_ERROR_FAILED,
                              "what was downloaded is not the package that the signed package list "
                              "names: its SHA-256 is %s, not %s",
                              found, sha256);
    }
  return move_into_place (file, path, error);
}

char *
lodge_cache_find (const char *cache, const char *kind, const char *name)
{
  char *path = g_build_filename (cache, kind, name, NULL);

  if (utimensat (AT_FDCWD, path, NULL, 0) == 0)
    return path;
  g_free (path);
  return NULL;
}

gboolean
lodge_cache_keep (const char *cache, const char *kind, const char *name, const char *path,
                  GError **error)
{
  g_autofree char *target = g_build_filename (cache, kind, name, NULL);

  if (g_file_test (target, G_FILE_TEST_EXISTS))
    return lodge_remove_tree (path, error);
  /* What was unpacked has a package's old time, and would be the first to go; see cache-prune.c. */
  if (utimensat (AT_FDCWD, path, NULL, 0) != 0)
    return lodge_error_set_errno (error, errno, "set the time of %s", path);
  return move_into_place (path, target, error);
}

char *
lodge_cache_log_path (const char *cache, const char *template, const char *what)
{
  g_autofree char *name = g_strdup_printf ("%s-%s.%d.log", template, what, (int)getpid ());

  return g_build_filename (cache, "logs", name, NULL);
}

char *
lodge_cache_make_temporary (const char *cache, GError **error)
{
  char *path = g_build_filename (cache, "tmp", "XXXXXX", NULL);

  if (g_mkdtemp (path) != NULL)
    return path;
  lodge_error_set_errno (error, errno, "make a directory in %s/tmp", cache);
  g_free (path);
  return NULL;
}

static int
open_lock (const char *cache, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (cache, name, NULL);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (fd < 0)
    lodge_error_set_errno (error, errno, "open the lock %s", path);
  return fd;
}

/* flock(2) OPERATION on FD; it gives no descriptor to wait for: look again five times a second.
 * Who has to wait is told once. */
static gboolean
wait_for_lock (int fd, int operation, const char *cache, const char *name, LodgeProgress *progress,
               GCancellable *cancellable, GError **error)
{
  gboolean told = FALSE;

  while (flock (fd, operation | LOCK_NB) != 0)
    {
      GPollFD watched;
      gboolean watching;

      if (errno != EWOULDBLOCK && errno != EINTR)
        return lodge_error_set_errno (error, errno, "lock %s/%s", cache, name);
      if (!told && errno == EWOULDBLOCK && progress != NULL)
        {
          lodge_progress_note (progress, "waiting for another build that uses the cache %s", cache);
          told = TRUE;
        }
      watching = g_cancellable_make_pollfd (cancellable, &watched);
      g_poll (watching ? &watched : NULL, watching ? 1 : 0, 200);
      if (watching)
        g_cancellable_release_fd (cancellable);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
    }
  return TRUE;
}

int
lodge_cache_lock (const char *cache, const char *name, LodgeProgress *progress,
                  GCancellable *cancellable, GError **error)
{
  int fd = open_lock (cache, name, error);

  if (fd >= 0 && !wait_for_lock (fd, LOCK_EX, cache, name, progress, cancellable, error))
    {
      close (fd);
      return -1;
    }
  return fd;
}

static void
close_lock (gpointer data)
{
  close (GPOINTER_TO_INT (data));
}

/* Every build holds the lock shared; who gets it alone may clean. */
static gboolean
share (const char *cache, GCancellable *owner, LodgeProgress *progress, GError **error)
{
  int fd = open_lock (cache, "lock", error);

  if (fd < 0)
    return FALSE;
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    lodge_cache_prune (cache);
  /* Waits only while another one cleans. */
  if (!wait_for_lock (fd, LOCK_SH, cache, "lock", progress, owner, error))
    {
      close (fd);
      return FALSE;
    }
  g_object_set_data_full (G_OBJECT (owner), "lodge-cache-lock", GINT_TO_POINTER (fd), close_lock);
  return TRUE;
}

/* Who can write there can have the next image run their programs. */
static gboolean
check_owner (const char *path, GError **error)
{
  struct stat status;

  if (stat (path, &status) != 0)
    return lodge_error_set_errno (error, errno, "look at %s", path);
  if (status.st_uid != geteuid ())
    {
      const struct passwd *owner = getpwuid (status.st_uid);
      g_autofree char *number = g_strdup_printf ("uid %u", (guint)status.st_uid);

      return lodge_error_set (error, LODGE_ERROR_REFUSED,
                              "the cache directory %s belongs to another user (%s), who could put "
                              "anything into the image; choose one of your own with --cache",
                              path, owner != NULL ? owner->pw_name : number);
    }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return lodge_error_set (error, LODGE_ERROR_REFUSED,
                            "other users can write to the cache directory %s, and could put "
                            "anything into the image; choose another with --cache, or remove it "
                            "and make it again with mode 0700",
                            path);
  return TRUE;
}

/* Of the cache as a whole first: below a directory that nobody else can write to, nobody else can
 * make any, but there may be some of former times. */
static gboolean
make_directories (const char *cache, GError **error)
{
  if (g_mkdir_with_parents (cache, 0700) != 0)
    return lodge_error_set_errno (error, errno, "make the cache directory %s", cache);
  if (!check_owner (cache, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *path = g_build_filename (cache, parts[i], NULL);

      if (g_mkdir_with_parents (path, 0700) != 0)
        return lodge_error_set_errno (error, errno, "make the cache directory %s", path);
      if (!check_owner (path, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
lodge_cache_open (const char *cache, GCancellable *owner, LodgeProgress *progress, GError **error)
{
  g_autofree char *tag_path = g_build_filename (cache, "CACHEDIR.TAG", NULL);

  if (!make_directories (cache, error))
    return FALSE;
  if (!g_file_test (tag_path, G_FILE_TEST_EXISTS)
      && !lodge_file_replace (tag_path, tag, -1, 0644, error))
    return FALSE;
  return share (cache, owner, progress, error);
}
