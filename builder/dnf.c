/* A private dnf: its files, and getting package lists.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/cache.h"
#include "builder/dnf-output.h"
#include "builder/dnf-private.h"
#include "builder/curl.h"
#include "builder/el-key.h"
#include "builder/el-unsigned.h"
#include "builder/rpm-metadata.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"

/* Written when all lists were got and checked. */
#define STAMP "complete"
#define KEY_DOWNLOAD "RPM-GPG-KEY-download"
#define KEY_SECONDS 20

void
lodge_dnf_free (LodgeDnf *dnf)
{
  if (dnf == NULL)
    return;
  if (dnf->lock >= 0)
    close (dnf->lock);
  lodge_el_sources_free (dnf->sources);
  g_free (dnf->directory);
  g_free (dnf->key);
  g_free (dnf->keyring);
  g_free (dnf);
}

char *
lodge_dnf_release (const LodgeTemplate *template)
{
  return g_strndup (template->release, strspn (template->release, "0123456789"));
}

char *
lodge_dnf_config (const LodgeTemplate *template)
{
  g_autofree char *release = lodge_dnf_release (template);

  return g_strdup_printf ("[main]\n"
                          "gpgcheck=1\n"
                          "localpkg_gpgcheck=1\n"
                          "repo_gpgcheck=1\n"
                          "best=1\n"
                          "skip_if_unavailable=0\n"
                          /* What is wanted is named in the template. */
                          "install_weak_deps=0\n"
                          "excludepkgs=dracut-config-rescue\n"
                          "tsflags=nodocs\n"
                          "plugins=0\n"
                          "color=never\n"
                          "metadata_expire=0\n"
                          "max_parallel_downloads=8\n"
                          "timeout=30\n"
                          "retries=3\n"
                          "zchunk=0\n"
                          "deltarpm=0\n"
                          "module_platform_id=platform:el%s\n",
                          release);
}

/* --- files --- */

/* Repositories' lists of one set of sources and keys are kept together. */
static char *
lists_key (const LodgeDnf *dnf)
{
  const LodgeTemplate *template = dnf->build->plan->template;
  g_autofree char *fingerprints = g_strjoinv (" ", template->fingerprints);
  g_autoptr (GString) text = g_string_new (fingerprints);
  g_autofree char *config = lodge_dnf_config (template);
  g_autofree char *hash = NULL;

  g_string_append (text, config);
  for (guint i = 0; i < dnf->sources->repositories->len; i++)
    {
      g_autofree char *section
          = lodge_el_repository_format (g_ptr_array_index (dnf->sources->repositories, i), "");

      g_string_append (text, section);
    }
  hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str, -1);
  return g_strndup (hash, 16);
}

static gboolean
make_directories (const LodgeDnf *dnf, GError **error)
{
  static const char *const names[]
      = { "root", "cache", "home", "repos", "answers", "gnupg", "keydb" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (dnf->directory, names[i], NULL);

      if (g_mkdir_with_parents (path, 0700) != 0)
        return lodge_error_set_errno (error, errno, "make the directory %s", path);
    }
  return TRUE;
}

static gboolean
write_file (const LodgeDnf *dnf, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (dnf->directory, name, NULL);

  return lodge_file_replace (path, text, -1, 0600, error);
}

static gboolean
write_repositories (const LodgeDnf *dnf, gboolean compile, const char *name, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < dnf->sources->repositories->len; i++)
    {
      const LodgeElRepository *repository = g_ptr_array_index (dnf->sources->repositories, i);
      g_autofree char *section = lodge_el_repository_format (repository, dnf->key);

      if (compile || !repository->compile)
        g_string_append (text, section);
    }
  return write_file (dnf, name, text->str, error);
}

/* The image's packages come from the image's repositories alone; a second set has those for
 * compiling as well. */
static gboolean
write_configuration (const LodgeDnf *dnf, GError **error)
{
  const LodgeTemplate *template = dnf->build->plan->template;
  g_autofree char *config = lodge_dnf_config (template);
  /* Debian's rpm would keep its database in the home directory. */
  g_autofree char *macros = g_strdup_printf ("%%_dbpath %s\n", template->rpm_database);

  return write_file (dnf, "dnf.conf", config, error)
         && write_file (dnf, "home/.rpmmacros", macros, error)
         && write_repositories (dnf, FALSE, "repos/install/lodge.repo", error)
         && write_repositories (dnf, TRUE, "repos/compile/lodge.repo", error);
}

/* --- the key --- */

static gboolean
make_key (LodgeDnf *dnf, const GPtrArray *files, GError **error)
{
  const LodgeTemplate *template = dnf->build->plan->template;
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autofree char *gnupg = g_build_filename (dnf->directory, "gnupg", NULL);

  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (list, g_ptr_array_index (files, i));
  g_ptr_array_add (list, NULL);
  return lodge_el_key_make ((const char *const *)list->pdata,
                            (const char *const *)template->fingerprints, gnupg, dnf->key,
                            dnf->keyring, dnf->build->cancellable, error);
}

/* The places in the network where the key may be, of char*: the source's, then the template's. */
static GPtrArray *
list_key_urls (const LodgeDnf *dnf)
{
  GPtrArray *urls = g_ptr_array_new ();

  for (guint i = 0; i < dnf->sources->key_urls->len; i++)
    g_ptr_array_add (urls, g_ptr_array_index (dnf->sources->key_urls, i));
  for (char **url = dnf->build->plan->template->key_urls; *url != NULL; url++)
    g_ptr_array_add (urls, *url);
  return urls;
}

/* With the packages, on the machine, or where the template says that it is published: where it
 * comes from does not matter, as its fingerprint is known.  One that was found for this very set of
 * sources and fingerprints stays. */
static gboolean
find_key (LodgeDnf *dnf, GError **error)
{
  g_autoptr (GPtrArray) urls = list_key_urls (dnf);
  g_autoptr (GPtrArray) files = lodge_el_key_files (dnf->sources->key_directories);
  g_autofree char *download = g_build_filename (dnf->directory, KEY_DOWNLOAD, NULL);
  g_autoptr (GError) failure = NULL;

  g_ptr_array_add (files, g_strdup (download));
  if (make_key (dnf, files, &failure))
    return TRUE;
  for (guint i = 0; i < urls->len; i++)
    if (lodge_curl_get (g_ptr_array_index (urls, i), download, KEY_SECONDS, dnf->build->cancellable,
                        NULL))
      {
        g_clear_error (&failure);
        if (make_key (dnf, files, &failure))
          return TRUE;
      }
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
open_sources (LodgeDnf *dnf, GError **error)
{
  LodgeBuild *build = dnf->build;
  g_autofree char *images = g_build_filename (build->cache, "dnf", NULL);
  g_autofree char *key = NULL;
  g_autofree char *lock = NULL;

  if (g_mkdir_with_parents (images, 0700) != 0)
    {
      lodge_error_set_errno (error, errno, "make the directory %s", images);
      return FALSE;
    }
  dnf->sources = lodge_el_sources_find (build->plan, images, build->cancellable, error);
  if (dnf->sources == NULL)
    return FALSE;
  key = lists_key (dnf);
  dnf->directory = g_build_filename (images, key, NULL);
  dnf->key = g_build_filename (dnf->directory, "RPM-GPG-KEY", NULL);
  dnf->keyring = g_build_filename (dnf->directory, "keyring.gpg", NULL);
  lock = g_strconcat ("dnf/", key, ".lock", NULL);
  dnf->lock = lodge_cache_lock (build->cache, lock, build->progress, build->cancellable, error);
  return dnf->lock >= 0;
}

LodgeDnf *
lodge_dnf_open (LodgeBuild *build, GError **error)
{
  g_autoptr (LodgeDnf) dnf = g_new0 (LodgeDnf, 1);

  dnf->build = build;
  dnf->lock = -1;
  if (!open_sources (dnf, error) || !make_directories (dnf, error) || !find_key (dnf, error)
      || !lodge_el_check_unsigned (dnf->sources, dnf->keyring, build->progress, build->cancellable,
                                   error)
      || !write_configuration (dnf, error))
    return NULL;
  return g_steal_pointer (&dnf);
}

/* --- package lists --- */

char *
lodge_dnf_metadata (const LodgeDnf *dnf, const char *id)
{
  g_autofree char *cache = g_build_filename (dnf->directory, "cache", NULL);
  g_autofree char *prefix = g_strconcat (id, "-", NULL);
  g_autoptr (GDir) handle = g_dir_open (cache, 0, NULL);
  const char *name;

  /* ID-HASH: "baseos-1a2b3c4d5e6f7081", which "baseos-2-…" begins like. */
  while (handle != NULL && (name = g_dir_read_name (handle)) != NULL)
    {
      g_autofree char *path = g_build_filename (cache, name, "repodata", NULL);

      if (g_str_has_prefix (name, prefix) && strchr (name + strlen (prefix), '-') == NULL
          && strlen (name + strlen (prefix)) >= 8 && g_file_test (path, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&path);
    }
  return NULL;
}

static gboolean
verify_all (const LodgeDnf *dnf, GError **error)
{
  for (guint i = 0; i < dnf->sources->repositories->len; i++)
    {
      const LodgeElRepository *repository = g_ptr_array_index (dnf->sources->repositories, i);
      g_autofree char *metadata = lodge_dnf_metadata (dnf, repository->id);

      if (metadata == NULL)
        return lodge_error_set (error, LODGE_ERROR_FAILED, "dnf kept no package list of %s",
                                repository->shown);
      if (!repository->whole
          && !lodge_rpm_metadata_verify (metadata, dnf->keyring, dnf->build->cancellable, error))
        {
          g_prefix_error (error, "the repository %s (%s) cannot be trusted: ", repository->name,
                          repository->shown);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
lodge_dnf_date (const LodgeDnf *dnf, gint64 *seconds, GError **error)
{
  *seconds = 0;
  for (guint i = 0; i < dnf->sources->repositories->len; i++)
    {
      const LodgeElRepository *repository = g_ptr_array_index (dnf->sources->repositories, i);
      g_autofree char *metadata = lodge_dnf_metadata (dnf, repository->id);
      gint64 date;

      if (repository->compile)
        continue;
      if (metadata == NULL)
        return lodge_error_set (error, LODGE_ERROR_FAILED, "dnf kept no package list of %s",
                                repository->shown);
      if (!lodge_rpm_metadata_date (metadata, &date, error))
        return FALSE;
      *seconds = MAX (*seconds, date);
    }
  return TRUE;
}

/* When the lists that are there were got, or NULL when there are none. */
static char *
lists_date (const LodgeDnf *dnf)
{
  g_autofree char *stamp = g_build_filename (dnf->directory, STAMP, NULL);
  g_autoptr (GDateTime) date = NULL;
  GStatBuf status;

  if (g_stat (stamp, &status) != 0)
    return NULL;
  date = g_date_time_new_from_unix_local (status.st_mtime);
  return g_date_time_format (date, "%F %R");
}

static gboolean
explain_update (LodgeDnf *dnf, const char *output, GError **error)
{
  g_autofree char *sentence = NULL;
  g_autofree char *date = lists_date (dnf);

  if (lodge_dnf_explain (output, &sentence) != LODGE_DNF_UNREACHABLE)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "get the package lists: %s", sentence);
  if (date == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the repositories do not answer: %s; check the network and proxy, or "
                            "name another place with --source DIR|ISO|URL",
                            sentence);
  lodge_progress_note (dnf->build->progress,
                       "the repositories do not answer; using their package lists of %s", date);
  dnf->offline = TRUE;
  return verify_all (dnf, error);
}

gboolean
lodge_dnf_update (LodgeDnf *dnf, GError **error)
{
  /* Yes: the key that is taken is the pinned one. */
  const char *const arguments[] = { "makecache", "--assumeyes", NULL };
  g_autofree char *output = NULL;
  GError *failure = NULL;

  if (lodge_dnf_run (dnf, arguments, NULL, NULL, &output, &failure))
    return verify_all (dnf, error) && write_file (dnf, STAMP, "", error);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  return explain_update (dnf, output, error);
}
