/* Downloading packages into the cache.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * apt-helper(1) fetches all at once as apt does, with its proxies and passwords, and checks
 * SHA-256; what is moved into the cache is checked again from the file.  An interrupted download
 * keeps the packages that are whole.
 */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "builder/apt-private.h"
#include "builder/cache.h"
#include "builder/remove.h"
#include "builder/space.h"
#include "common/error.h"

enum
{
  BATCH = 400, /* packages in one call, to stay below the kernel's limit for arguments */
};

typedef struct
{
  const LodgeApt *apt;
  GPtrArray *missing;    /* of LodgePackage, not owned */
  const char *directory; /* where they are downloaded to */
  guint64 total;         /* bytes */
} Download;

static char *
target_path (const Download *download, const LodgePackage *package)
{
  return g_build_filename (download->directory, package->sha256, NULL);
}

/* apt's own percentage knows no sizes here: what counts is what is on the disk. */
static void
show_progress (const char *line, gpointer data)
{
  const Download *download = data;
  guint64 done = 0;
  double percent;

  if (!lodge_apt_parse_status (line, &percent))
    return;
  for (guint i = 0; i < download->missing->len; i++)
    {
      g_autofree char *path = target_path (download, g_ptr_array_index (download->missing, i));
      GStatBuf status;

      if (g_stat (path, &status) == 0)
        done += (guint64)status.st_size;
    }
  lodge_progress_bytes (download->apt->build->progress, MIN (done, download->total),
                        download->total);
}

static gboolean
explain (const Download *download, const char *output, GError **error)
{
  g_autofree char *sentence = NULL;

  if (lodge_apt_explain (output, &sentence) == LODGE_APT_UNREACHABLE)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the mirror %s does not answer, and the cache lacks %u package%s: %s",
                            download->apt->mirror->main, download->missing->len,
                            download->missing->len == 1 ? "" : "s", sentence);
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s", sentence);
}

static gboolean
fetch_batch (Download *download, guint first, guint end, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *output = NULL;
  int status;

  g_ptr_array_add (argv, g_strdup (download->apt->helper));
  g_ptr_array_add (argv, g_strdup ("-o"));
  g_ptr_array_add (argv, g_strdup ("APT::Status-Fd=1"));
  g_ptr_array_add (argv, g_strdup ("download-file"));
  for (guint i = first; i < end; i++)
    {
      const LodgePackage *package = g_ptr_array_index (download->missing, i);

      g_ptr_array_add (argv, g_strdup (package->uri));
      g_ptr_array_add (argv, target_path (download, package));
      g_ptr_array_add (argv, g_strconcat ("SHA256:", package->sha256, NULL));
    }
  g_ptr_array_add (argv, NULL);
  if (!lodge_apt_run (download->apt, (const char *const *)argv->pdata, show_progress, download,
                      &output, &status, error))
    return FALSE;
  return status == 0 || explain (download, output, error);
}

static gboolean
fetch_all (Download *download, GError **error)
{
  for (guint first = 0; first < download->missing->len; first += BATCH)
    if (!fetch_batch (download, first, MIN (first + BATCH, download->missing->len), error))
      return FALSE;
  return TRUE;
}

/* Moves what was downloaded into the cache.  FETCHED: everything should be there; else what is
 * there and whole is kept, and the rest is nobody's fault. */
static gboolean
keep_all (const Download *download, gboolean fetched, GError **error)
{
  const char *cache = download->apt->build->cache;

  for (guint i = 0; i < download->missing->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (download->missing, i);
      g_autofree char *path = target_path (download, package);
      GStatBuf status;
      gboolean whole = g_lstat (path, &status) == 0 && S_ISREG (status.st_mode)
                       && (guint64)status.st_size == package->size;

      if (!whole && !fetched)
        continue;
      if (!whole)
        return lodge_error_set (error, LODGE_ERROR_FAILED, "%s came incomplete; try again",
                                package->uri);
      if (!lodge_cache_add_package (cache, package->sha256, "deb", path,
                                    fetched ? download->apt->build->cancellable : NULL, error)
          && fetched)
        {
          g_prefix_error (error, "%s: ", package->uri);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
fetch_and_keep (Download *download, GError **error)
{
  const char *cache = download->apt->build->cache;
  g_autofree char *directory = NULL;
  gboolean done;

  if (!lodge_space_check (cache, download->total, "the package cache", error))
    return FALSE;
  directory = lodge_cache_make_temporary (cache, error);
  if (directory == NULL)
    return FALSE;
  download->directory = directory;
  lodge_progress_step (download->apt->build->progress, "download", "Download packages");
  done = fetch_all (download, error);
  if (done)
    done = keep_all (download, TRUE, error);
  else
    keep_all (download, FALSE, NULL);
  lodge_remove_tree (directory, NULL);
  return done;
}

gboolean
lodge_apt_download (LodgeApt *apt, GPtrArray *packages, GError **error)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();
  Download download = { .apt = apt, .missing = missing };

  for (guint i = 0; i < packages->len; i++)
    {
      LodgePackage *package = g_ptr_array_index (packages, i);

      if (g_cancellable_set_error_if_cancelled (apt->build->cancellable, error))
        return FALSE;
      if (lodge_cache_has_package (apt->build->cache, package->sha256, "deb",
                                   apt->build->cancellable))
        continue;
      g_ptr_array_add (missing, package);
      download.total += package->size;
    }
  return missing->len == 0 || fetch_and_keep (&download, error);
}
