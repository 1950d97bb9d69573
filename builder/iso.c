/* ISO images, through libarchive.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/iso.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/remove.h"
#include "common/error.h"

enum
{
  BLOCK = 1024 * 1024, /* bytes read at once */
};

/* Gives the path a file of the image is to be copied to (free with g_free), or NULL. */
typedef char *(*Chooser) (const char *path, gpointer data);

static gboolean
copy_entry (struct archive *archive, const char *iso, const char *target, GError **error)
{
  int fd = open (target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  gboolean done;

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "create %s", target);
  done = archive_read_data_into_fd (archive, fd) == ARCHIVE_OK;
  if (!done)
    lodge_error_set (error, LODGE_ERROR_FAILED, "copy from %s to %s: %s", iso, target,
                     archive_error_string (archive));
  close (fd);
  return done;
}

/* libarchive gives the second and later names of one extent without content, as hard links to the
 * first: TARGET is to be a copy of PATH. */
static void
add_link (GHashTable *links, const char *path, const char *target)
{
  GPtrArray *targets = g_hash_table_lookup (links, path);

  if (targets == NULL)
    {
      targets = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (links, g_strdup (path), targets);
    }
  g_ptr_array_add (targets, g_strdup (target));
}

/* The files of the image that CHOOSE wants, but for those that go into LINKS. */
static gboolean
copy_chosen (struct archive *archive, const char *iso, Chooser choose, gpointer data,
             GHashTable *links, GCancellable *cancellable, GError **error)
{
  struct archive_entry *entry;
  int status;

  while ((status = archive_read_next_header (archive, &entry)) == ARCHIVE_OK
         || status == ARCHIVE_WARN)
    {
      const char *path = archive_entry_pathname (entry);
      g_autofree char *target
          = path != NULL && archive_entry_filetype (entry) == AE_IFREG ? choose (path, data) : NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (target != NULL && archive_entry_hardlink (entry) != NULL)
        add_link (links, archive_entry_hardlink (entry), target);
      else if (target != NULL && !copy_entry (archive, iso, target, error))
        return FALSE;
    }
  if (status == ARCHIVE_EOF)
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s cannot be read as an ISO image: %s", iso,
                          archive_error_string (archive));
}

static gboolean
walk_once (const char *iso, Chooser choose, gpointer data, GHashTable *links,
           GCancellable *cancellable, GError **error)
{
  struct archive *archive = archive_read_new ();
  gboolean done;

  archive_read_support_format_iso9660 (archive);
  if (archive_read_open_filename (archive, iso, BLOCK) != ARCHIVE_OK)
    done = lodge_error_set (error, LODGE_ERROR_FAILED, "%s cannot be read as an ISO image: %s", iso,
                            archive_error_string (archive));
  else
    done = copy_chosen (archive, iso, choose, data, links, cancellable, error);
  archive_read_free (archive);
  return done;
}

/* The first of the targets that are copies of PATH. */
static char *
choose_linked (const char *path, gpointer data)
{
  GPtrArray *targets = g_hash_table_lookup (data, path);

  return targets != NULL ? g_strdup (g_ptr_array_index (targets, 0)) : NULL;
}

static gboolean
copy_file (const char *source, const char *target, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) from = g_file_new_for_path (source);
  g_autoptr (GFile) to = g_file_new_for_path (target);

  return g_file_copy (from, to, G_FILE_COPY_OVERWRITE, cancellable, NULL, NULL, error);
}

static gboolean
copy_linked (const char *iso, GHashTable *links, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) none
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  GHashTableIter iterator;
  gpointer path;
  gpointer value;

  if (!walk_once (iso, choose_linked, links, none, cancellable, error))
    return FALSE;
  g_hash_table_iter_init (&iterator, links);
  while (g_hash_table_iter_next (&iterator, &path, &value))
    {
      GPtrArray *targets = value;
      const char *first = g_ptr_array_index (targets, 0);

      if (!g_file_test (first, G_FILE_TEST_EXISTS))
        return lodge_error_set (error, LODGE_ERROR_FAILED, "%s lacks %s, which it has a link to",
                                iso, (char *)path);
      for (guint i = 1; i < targets->len; i++)
        if (!copy_file (first, g_ptr_array_index (targets, i), cancellable, error))
          return FALSE;
    }
  return TRUE;
}

static gboolean
walk (const char *iso, Chooser choose, gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) links
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);

  return walk_once (iso, choose, data, links, cancellable, error)
         && (g_hash_table_size (links) == 0 || copy_linked (iso, links, cancellable, error));
}

/* --- metadata --- */

/* A path of the image as one below DIRECTORY, its own directory made; NULL when it leads out. */
static char *
place_below (const char *directory, const char *path)
{
  g_autofree char *target = g_build_filename (directory, path, NULL);
  g_autofree char *parent = g_path_get_dirname (target);

  if (strstr (path, "..") != NULL || g_mkdir_with_parents (parent, 0700) != 0)
    return NULL;
  return g_steal_pointer (&target);
}

static char *
choose_metadata (const char *path, gpointer data)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *directory = g_path_get_basename (parent);
  g_autofree char *name = g_path_get_basename (path);

  if (strcmp (directory, "repodata") == 0 || g_str_has_prefix (name, "RPM-GPG-KEY"))
    return place_below (data, path);
  return NULL;
}

/* Another image, or the same one written anew, has another name. */
static char *
image_key (const char *iso, GError **error)
{
  struct stat status;
  g_autofree char *text = NULL;

  if (stat (iso, &status) != 0)
    {
      lodge_error_set_errno (error, errno, "look at %s", iso);
      return NULL;
    }
  text = g_strdup_printf ("%s %lld %lld.%09ld %llu", iso, (long long)status.st_size,
                          (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                          (unsigned long long)status.st_ino);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

char *
lodge_iso_metadata (const char *iso, const char *directory, GCancellable *cancellable,
                    GError **error)
{
  g_autofree char *key = image_key (iso, error);
  g_autofree char *name = key != NULL ? g_strdup_printf ("iso-%.16s", key) : NULL;
  g_autofree char *path = name != NULL ? g_build_filename (directory, name, NULL) : NULL;
  g_autofree char *part
      = path != NULL ? g_strdup_printf ("%s.%d.part", path, (int)getpid ()) : NULL;

  if (part == NULL)
    return NULL;
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&path);
  if (g_mkdir_with_parents (part, 0700) != 0)
    {
      lodge_error_set_errno (error, errno, "make the directory %s", part);
      return NULL;
    }
  if (walk (iso, choose_metadata, part, cancellable, error))
    {
      if (rename (part, path) == 0 || g_file_test (path, G_FILE_TEST_IS_DIR))
        {
          lodge_remove_tree (part, NULL); /* another build was faster */
          return g_steal_pointer (&path);
        }
      lodge_error_set_errno (error, errno, "rename %s to %s", part, path);
    }
  lodge_remove_tree (part, NULL);
  return NULL;
}

/* --- chosen files --- */

static char *
choose_target (const char *path, gpointer data)
{
  char *key = NULL;
  char *target = NULL;

  /* What is left at the end was not found. */
  if (!g_hash_table_steal_extended (data, path, (gpointer *)&key, (gpointer *)&target))
    return NULL;
  g_free (key);
  return target;
}

gboolean
lodge_iso_copy (const char *iso, GHashTable *targets, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) left = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iterator;
  gpointer path;
  gpointer target;

  g_hash_table_iter_init (&iterator, targets);
  while (g_hash_table_iter_next (&iterator, &path, &target))
    g_hash_table_insert (left, g_strdup (path), g_strdup (target));
  if (!walk (iso, choose_target, left, cancellable, error))
    return FALSE;
  g_hash_table_iter_init (&iterator, left);
  if (g_hash_table_iter_next (&iterator, &path, &target))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s lacks %s, which its package list names",
                            iso, (char *)path);
  return TRUE;
}
