/* Getting packages into the cache.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dnf fetches what is on servers, with mirrors and several at once; what is in directories and ISO
 * images is copied from there.  Then digests and signatures are checked whatever dnf did, and only
 * what is whole goes into the cache.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/cache.h"
#include "builder/dnf-output.h"
#include "builder/dnf-private.h"
#include "builder/iso.h"
#include "builder/remove.h"
#include "builder/rpm-signature.h"
#include "builder/space.h"
#include "common/error.h"

typedef struct
{
  LodgeDnf *dnf;
  const GPtrArray *packages; /* of LodgePackage: the whole set */
  GPtrArray *missing;        /* of LodgePackage, not owned: what the cache does not have */
  char *directory;           /* where the missing ones are put */
  guint64 total;             /* bytes */
} Download;

static const LodgeElRepository *
find_repository (const LodgeDnf *dnf, const char *id)
{
  for (guint i = 0; i < dnf->sources->repositories->len; i++)
    {
      const LodgeElRepository *repository = g_ptr_array_index (dnf->sources->repositories, i);

      if (strcmp (repository->id, id) == 0)
        return repository;
    }
  g_assert_not_reached (); /* packages were looked up in these very repositories */
}

/* By the package file's own name, which rpm's messages hold. */
static char *
target_path (const Download *download, const LodgePackage *package)
{
  g_autofree char *name = g_path_get_basename (package->location);

  return g_build_filename (download->directory, name, NULL);
}

/* --- from this machine --- */

static gboolean
copy_file (const Download *download, const LodgeElRepository *repository,
           const LodgePackage *package, GError **error)
{
  g_autofree char *path = g_build_filename (repository->directory, package->location, NULL);
  g_autofree char *target = target_path (download, package);
  g_autoptr (GFile) from = g_file_new_for_path (path);
  g_autoptr (GFile) to = g_file_new_for_path (target);
  g_autoptr (GError) failure = NULL;

  if (g_file_copy (from, to, G_FILE_COPY_OVERWRITE, download->dnf->build->cancellable, NULL, NULL,
                   &failure))
    return TRUE;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    lodge_error_set (error, LODGE_ERROR_FAILED, "the package %s, which the package list names: %s",
                     path, failure->message);
  return FALSE;
}

/* What is wanted from each ISO image: tables as lodge_iso_copy() takes them. */
static void
want_from_iso (GHashTable *images, const Download *download, const LodgeElRepository *repository,
               const LodgePackage *package)
{
  GHashTable *targets = g_hash_table_lookup (images, repository->iso);

  if (targets == NULL)
    {
      targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_insert (images, repository->iso, targets);
    }
  g_hash_table_insert (targets, g_strconcat (repository->prefix, package->location, NULL),
                       target_path (download, package));
}

static gboolean
copy_local (const Download *download, gboolean *remote, GError **error)
{
  g_autoptr (GHashTable) images
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_hash_table_unref);
  GHashTableIter iterator;
  gpointer iso;
  gpointer targets;

  *remote = FALSE;
  for (guint i = 0; i < download->missing->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (download->missing, i);
      const LodgeElRepository *repository = find_repository (download->dnf, package->repository);

      if (repository->iso != NULL)
        want_from_iso (images, download, repository, package);
      else if (repository->directory == NULL)
        *remote = TRUE;
      else if (!copy_file (download, repository, package, error))
        return FALSE;
    }
  g_hash_table_iter_init (&iterator, images);
  while (g_hash_table_iter_next (&iterator, &iso, &targets))
    if (!lodge_iso_copy (iso, targets, download->dnf->build->cancellable, error))
      return FALSE;
  return TRUE;
}

/* --- from servers --- */

static void
show_progress (const char *line, gpointer data)
{
  const Download *download = data;
  guint64 done = 0;

  (void)line;
  for (guint i = 0; i < download->missing->len; i++)
    {
      g_autofree char *path = target_path (download, g_ptr_array_index (download->missing, i));
      GStatBuf status;

      if (g_stat (path, &status) == 0)
        done += (guint64)status.st_size;
    }
  lodge_progress_bytes (download->dnf->build->progress, MIN (done, download->total),
                        download->total);
}

/* dnf passes over what is there already, by its checksum: it gets what the cache has under the
 * names that it looks for. */
static gboolean
link_known (const Download *download, GError **error)
{
  for (guint i = 0; i < download->packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (download->packages, i);
      g_autofree char *target = target_path (download, package);
      g_autofree char *path
          = lodge_cache_package_path (download->dnf->build->cache, package->sha256, "rpm");

      if (find_repository (download->dnf, package->repository)->directory == NULL
          && link (path, target) != 0 && errno != ENOENT && errno != EEXIST)
        return lodge_error_set_errno (error, errno, "link %s to %s", path, target);
    }
  return TRUE;
}

static gboolean
fetch (const Download *download, GError **error)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *output = NULL;
  g_autofree char *sentence = NULL;
  GError *failure = NULL;

  if (!link_known (download, error))
    return FALSE;
  g_ptr_array_add (arguments, g_strdup ("install"));
  g_ptr_array_add (arguments, g_strdup ("--assumeyes"));
  g_ptr_array_add (arguments, g_strdup ("--downloadonly"));
  g_ptr_array_add (arguments, g_strconcat ("--destdir=", download->directory, NULL));
  for (guint i = 0; i < download->packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (download->packages, i);

      g_ptr_array_add (arguments, g_strdup_printf ("%s-%s.%s", package->name, package->version,
                                                   package->architecture));
    }
  g_ptr_array_add (arguments, NULL);
  if (lodge_dnf_run (download->dnf, (const char *const *)arguments->pdata, show_progress,
                     (gpointer)download, &output, &failure))
    return TRUE;
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  lodge_dnf_explain (output, &sentence);
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s", sentence);
}

/* --- into the cache --- */

static gboolean
check_signatures (const Download *download, GError **error)
{
  const LodgeDnf *dnf = download->dnf;
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *database = g_build_filename (dnf->directory, "keydb", NULL);

  for (guint i = 0; i < download->missing->len; i++)
    {
      char *path = target_path (download, g_ptr_array_index (download->missing, i));

      g_ptr_array_add (files, path);
      if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return lodge_error_set (error, LODGE_ERROR_FAILED, "the package %s did not come; try again",
                                path);
    }
  return lodge_rpm_signature_check (files, dnf->key, database, dnf->build->cancellable, error);
}

static gboolean
keep_all (const Download *download, GError **error)
{
  for (guint i = 0; i < download->missing->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (download->missing, i);
      g_autofree char *path = target_path (download, package);
      g_autofree char *name = g_path_get_basename (path);

      if (!lodge_cache_add_package (download->dnf->build->cache, package->sha256, "rpm", path,
                                    download->dnf->build->cancellable, error))
        {
          g_prefix_error (error, "the package %s: ", name);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
get_missing (Download *download, GError **error)
{
  const char *cache = download->dnf->build->cache;
  gboolean remote;
  gboolean done;

  if (!lodge_space_check (cache, download->total, "the package cache", error))
    return FALSE;
  download->directory = lodge_cache_make_temporary (cache, error);
  if (download->directory == NULL)
    return FALSE;
  lodge_progress_step (download->dnf->build->progress, "download", "Download packages");
  done = copy_local (download, &remote, error) && (!remote || fetch (download, error))
         && check_signatures (download, error) && keep_all (download, error);
  lodge_remove_tree (download->directory, NULL);
  g_free (download->directory);
  return done;
}

gboolean
lodge_dnf_download (LodgeDnf *dnf, const GPtrArray *packages, GError **error)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();
  Download download = { .dnf = dnf, .packages = packages, .missing = missing };

  for (guint i = 0; i < packages->len; i++)
    {
      LodgePackage *package = g_ptr_array_index (packages, i);

      if (g_cancellable_set_error_if_cancelled (dnf->build->cancellable, error))
        return FALSE;
      if (lodge_cache_has_package (dnf->build->cache, package->sha256, "rpm",
                                   dnf->build->cancellable))
        continue;
      g_ptr_array_add (missing, package);
      download.total += package->size;
    }
  return missing->len == 0 || get_missing (&download, error);
}
