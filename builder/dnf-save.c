/* What the installation needs of the private dnf, put where no lock is held and nothing changes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each repository becomes a directory on this machine with its signed metadata and links to the
 * packages in the cache: dnf installs from it as from any mirror, checks all signatures once more,
 * and writes the right names into its history.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "builder/cache.h"
#include "builder/dnf-private.h"
#include "common/error.h"
#include "common/file.h"

static gboolean
make_directory (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0755) != 0)
    return lodge_error_set_errno (error, errno, "make the directory %s", path);
  return TRUE;
}

static gboolean
copy_file (const char *from, const char *to, GError **error)
{
  g_autoptr (GFile) source = g_file_new_for_path (from);
  g_autoptr (GFile) target = g_file_new_for_path (to);

  return g_file_copy (source, target, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, error);
}

/* Only files lie there. */
static gboolean
copy_metadata (const char *from, const char *to, GError **error)
{
  g_autoptr (GDir) handle = g_dir_open (from, 0, error);
  const char *name;

  if (handle == NULL || !make_directory (to, error))
    return FALSE;
  while ((name = g_dir_read_name (handle)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, name, NULL);
      g_autofree char *target = g_build_filename (to, name, NULL);

      if (g_file_test (source, G_FILE_TEST_IS_REGULAR) && !copy_file (source, target, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
link_packages (const LodgeBuild *build, const char *id, const char *directory, GError **error)
{
  for (guint i = 0; i < build->packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (build->packages, i);
      g_autofree char *link_path = g_build_filename (directory, package->location, NULL);
      g_autofree char *parent = g_path_get_dirname (link_path);
      g_autofree char *path = lodge_cache_package_path (build->cache, package->sha256, "rpm");

      if (strcmp (package->repository, id) != 0)
        continue;
      if (!make_directory (parent, error))
        return FALSE;
      if (symlink (path, link_path) != 0)
        return lodge_error_set_errno (error, errno, "make the link %s", link_path);
    }
  return TRUE;
}

/* Adds the repository's section to CONFIG. */
static gboolean
save_repository (LodgeDnf *dnf, const LodgeElRepository *repository, const char *directory,
                 const char *key, GString *config, GError **error)
{
  g_autofree char *metadata = lodge_dnf_metadata (dnf, repository->id);
  g_autofree char *path = g_build_filename (directory, repository->id, NULL);
  g_autofree char *repodata = g_build_filename (path, "repodata", NULL);
  g_autofree char *uri = g_filename_to_uri (path, NULL, error);
  g_autofree char *section = NULL;
  LodgeElRepository local = { .id = repository->id,
                              .name = repository->name,
                              .url = uri,
                              .key = "baseurl",
                              .whole = repository->whole };

  if (uri == NULL || !copy_metadata (metadata, repodata, error)
      || !link_packages (dnf->build, repository->id, path, error))
    return FALSE;
  section = lodge_el_repository_format (&local, key);
  g_string_append_printf (config, "\n%s", section);
  return TRUE;
}

gboolean
lodge_dnf_save (LodgeDnf *dnf, const char *directory, GError **error)
{
  g_autofree char *main_section = lodge_dnf_config (dnf->build->plan->template);
  g_autoptr (GString) config = g_string_new (main_section);
  g_autofree char *config_path = g_build_filename (directory, "dnf.conf", NULL);
  g_autofree char *key = g_build_filename (directory, "RPM-GPG-KEY", NULL);

  if (!make_directory (directory, error) || !copy_file (dnf->key, key, error))
    return FALSE;
  for (guint i = 0; i < dnf->sources->repositories->len; i++)
    {
      const LodgeElRepository *repository = g_ptr_array_index (dnf->sources->repositories, i);

      if (!repository->compile && !save_repository (dnf, repository, directory, key, config, error))
        return FALSE;
    }
  return lodge_file_replace (config_path, config->str, -1, 0600, error);
}
