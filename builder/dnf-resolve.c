/* Resolving packages with the private dnf.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dnf has no option that tells a transaction to programs, in both of its generations: its table is
 * read, and every row must be a package of the signed lists.  What it answered is kept as long as
 * those are the same.
 */
#include <string.h>

#include "builder/dnf-output.h"
#include "builder/dnf-private.h"
#include "builder/rpm-metadata.h"
#include "common/error.h"
#include "common/file.h"

enum
{
  LIMIT = 16 * 1024 * 1024, /* bytes of a kept answer */
};

/* Raised when an answer's form changes. */
#define FORM "1"

static void
package_free (gpointer package)
{
  lodge_package_free (package);
}

/* --- kept answers --- */

/* NULL when a list cannot be read, which the next step tells. */
static char *
answer_path (const LodgeDnf *dnf, const char *const *names, gboolean compile)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, (const guchar *)(compile ? FORM "c" : FORM "i"), -1);
  for (guint i = 0; i < dnf->sources->repositories->len; i++)
    {
      const LodgeElRepository *repository = g_ptr_array_index (dnf->sources->repositories, i);
      g_autofree char *metadata = lodge_dnf_metadata (dnf, repository->id);
      g_autofree char *path
          = metadata != NULL ? g_build_filename (metadata, "repomd.xml", NULL) : NULL;
      g_autofree char *digest = path != NULL ? lodge_file_sha256 (path, NULL) : NULL;

      if (digest == NULL)
        return NULL;
      g_checksum_update (checksum, (const guchar *)digest, -1);
    }
  for (; *names != NULL; names++)
    g_checksum_update (checksum, (const guchar *)*names, (gssize)strlen (*names) + 1);
  return g_build_filename (dnf->directory, "answers", g_checksum_get_string (checksum), NULL);
}

enum
{
  NAME,
  VERSION,
  ARCHITECTURE,
  SHA256,
  SIZE,
  INSTALLED_SIZE,
  REPOSITORY,
  LOCATION,
  N_FIELDS,
};

static char *
format_packages (const GPtrArray *packages)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (packages, i);

      g_string_append_printf (
          text, "%s\t%s\t%s\t%s\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\t%s\t%s\n",
          package->name, package->version, package->architecture, package->sha256, package->size,
          package->installed_size, package->repository, package->location);
    }
  return g_string_free (text, FALSE);
}

static GPtrArray *
parse_packages (const char *text)
{
  g_autoptr (GPtrArray) packages = g_ptr_array_new_with_free_func (package_free);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL && **line != '\0'; line++)
    {
      g_auto (GStrv) fields = g_strsplit (*line, "\t", -1);
      LodgePackage *package;

      if (g_strv_length (fields) != N_FIELDS)
        return NULL;
      package = g_new0 (LodgePackage, 1);
      package->name = g_strdup (fields[NAME]);
      package->version = g_strdup (fields[VERSION]);
      package->architecture = g_strdup (fields[ARCHITECTURE]);
      package->sha256 = g_strdup (fields[SHA256]);
      package->size = g_ascii_strtoull (fields[SIZE], NULL, 10);
      package->installed_size = g_ascii_strtoull (fields[INSTALLED_SIZE], NULL, 10);
      package->repository = g_strdup (fields[REPOSITORY]);
      package->location = g_strdup (fields[LOCATION]);
      g_ptr_array_add (packages, package);
    }
  return packages->len > 0 ? g_steal_pointer (&packages) : NULL;
}

/* --- asking dnf --- */

static char *
ask (LodgeDnf *dnf, const char *const *names, gboolean compile, GError **error)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autofree char *output = NULL;
  g_autofree char *sentence = NULL;
  GError *failure = NULL;

  if (!compile)
    g_ptr_array_add (arguments, (gpointer)LODGE_DNF_INSTALL);
  g_ptr_array_add (arguments, (gpointer) "install");
  g_ptr_array_add (arguments, (gpointer) "--assumeno");
  for (; *names != NULL; names++)
    g_ptr_array_add (arguments, (gpointer)*names);
  g_ptr_array_add (arguments, NULL);
  lodge_dnf_run (dnf, (const char *const *)arguments->pdata, NULL, NULL, &output, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return NULL;
    }
  /* It ends with status 1 and these words when all is well. */
  if (strstr (output, "Operation aborted") != NULL)
    return g_steal_pointer (&output);
  lodge_dnf_explain (output, &sentence);
  lodge_error_set (error, LODGE_ERROR_FAILED, "resolve the packages: %s", sentence);
  return NULL;
}

static GHashTable *
read_lists (const LodgeDnf *dnf, gboolean compile, GError **error)
{
  g_autoptr (GHashTable) table = lodge_rpm_metadata_table ();

  for (guint i = 0; i < dnf->sources->repositories->len; i++)
    {
      const LodgeElRepository *repository = g_ptr_array_index (dnf->sources->repositories, i);
      g_autofree char *metadata = lodge_dnf_metadata (dnf, repository->id);

      if (repository->compile && !compile)
        continue;
      if (!lodge_rpm_metadata_read (metadata, repository->id, table, error))
        return NULL;
    }
  return g_steal_pointer (&table);
}

static int
compare_packages (gconstpointer a, gconstpointer b)
{
  const LodgePackage *first = *(const LodgePackage *const *)a;
  const LodgePackage *second = *(const LodgePackage *const *)b;
  int order = strcmp (first->name, second->name);

  return order != 0 ? order : strcmp (first->architecture, second->architecture);
}

/* Takes the packages that ITEMS name out of TABLE. */
static GPtrArray *
look_up (const GPtrArray *items, GHashTable *table, GError **error)
{
  g_autoptr (GPtrArray) packages = g_ptr_array_new_with_free_func (package_free);

  for (guint i = 0; i < items->len; i++)
    {
      const LodgeDnfItem *item = g_ptr_array_index (items, i);
      g_autofree char *key = lodge_rpm_metadata_key (item->repository, item->name, item->version,
                                                     item->architecture);
      char *stored = NULL;
      LodgePackage *package = NULL;

      if (!g_hash_table_steal_extended (table, key, (gpointer *)&stored, (gpointer *)&package))
        {
          lodge_error_set (error, LODGE_ERROR_FAILED,
                           "dnf wants to install %s, which is not in the signed package lists",
                           key);
          return NULL;
        }
      g_free (stored);
      g_ptr_array_add (packages, package);
    }
  g_ptr_array_sort (packages, compare_packages);
  return g_steal_pointer (&packages);
}

static GPtrArray *
resolve (LodgeDnf *dnf, const char *const *names, gboolean compile, GError **error)
{
  g_autofree char *output = ask (dnf, names, compile, error);
  g_autoptr (GPtrArray) items = output != NULL ? lodge_dnf_parse_transaction (output, error) : NULL;
  g_autoptr (GHashTable) table = items != NULL ? read_lists (dnf, compile, error) : NULL;

  return table != NULL ? look_up (items, table, error) : NULL;
}

GPtrArray *
lodge_dnf_resolve (LodgeDnf *dnf, const char *const *names, gboolean compile, GError **error)
{
  g_autofree char *path = answer_path (dnf, names, compile);
  g_autofree char *known = path != NULL ? lodge_file_read (path, LIMIT, NULL, NULL) : NULL;
  GPtrArray *packages = known != NULL ? parse_packages (known) : NULL;
  g_autofree char *answer = NULL;

  if (packages != NULL)
    return packages;
  packages = resolve (dnf, names, compile, error);
  if (packages == NULL || path == NULL)
    return packages;
  answer = format_packages (packages);
  lodge_file_replace (path, answer, -1, 0600, NULL); /* else it is computed again */
  return packages;
}
