/* Copies on this machine whose package lists nobody signed, as those of most installation DVDs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packages are signed there as everywhere.  What is in the image, and what is not, is signed where
 * the distribution publishes the image: a file CHECKSUM, clear-signed (AlmaLinux) or with a
 * signature beside it (Rocky Linux).
 */
#include "builder/el-unsigned.h"

#include <string.h>

#include "common/error.h"
#include "common/file.h"
#include "common/run.h"

enum
{
  LIMIT = 1024 * 1024, /* bytes of a checksum file */
};

/* --- the checksum file --- */

/* Its names, with %s for the image's. */
static char **
list_candidates (const char *iso)
{
  g_autofree char *directory = g_path_get_dirname (iso);
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();

  g_ptr_array_add (paths, g_build_filename (directory, "CHECKSUM", NULL));
  g_ptr_array_add (paths, g_strconcat (iso, ".CHECKSUM", NULL));
  g_ptr_array_add (paths, g_strconcat (iso, ".SHA256SUM", NULL));
  g_ptr_array_add (paths, g_build_filename (directory, "SHA256SUMS", NULL));
  g_ptr_array_add (paths, NULL);
  return (char **)g_ptr_array_steal (paths, NULL);
}

/* What a key of KEYRING has signed of the file PATH, or NULL. */
static char *
read_signed (const char *path, const char *keyring, GCancellable *cancellable)
{
  static const char *const suffixes[] = { ".asc", ".sig", ".gpg" };

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *signature = g_strconcat (path, suffixes[i], NULL);
      const char *const argv[]
          = { "gpgv", "--weak-digest", "SHA1", "--keyring", keyring, signature, path, NULL };
      g_autofree char *text = NULL;
      g_autofree char *output = NULL;

      if (!g_file_test (signature, G_FILE_TEST_IS_REGULAR))
        continue;
      text = lodge_file_read (path, LIMIT, NULL, NULL);
      output = lodge_run (argv, NULL, cancellable, NULL);
      return output != NULL ? g_steal_pointer (&text) : NULL;
    }
  {
    /* Only what gpgv gives out is signed: the file may hold more. */
    const char *const argv[]
        = { "gpgv", "--weak-digest", "SHA1", "--keyring", keyring, "--output", "-", path, NULL };

    return lodge_run (argv, NULL, cancellable, NULL);
  }
}

/* The SHA-256 of NAME in TEXT, lines "SHA256 (NAME) = DIGEST" or "DIGEST  NAME"; or NULL. */
static char *
find_digest (const char *text, const char *name)
{
  g_autofree char *quoted = g_regex_escape_string (name, -1);
  g_autofree char *pattern = g_strdup_printf (
      "^(?:SHA256 \\(%s\\) = ([0-9A-Fa-f]{64})|([0-9A-Fa-f]{64}) [ *]%s)\\s*$", quoted, quoted);
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  if (regex == NULL || !g_regex_match (regex, text, 0, &match))
    return NULL;
  first = g_match_info_fetch (match, 1);
  second = g_match_info_fetch (match, 2);
  return g_ascii_strdown (first != NULL && *first != '\0' ? first : second, -1);
}

/* --- the image --- */

static gboolean
check_digest (const char *iso, const char *file, const char *wanted, GCancellable *cancellable,
              GError **error)
{
  /* A program of its own: gigabytes, which can be cancelled. */
  const char *const argv[] = { "sha256sum", "--zero", "--", iso, NULL };
  g_autofree char *output = lodge_run (argv, NULL, cancellable, error);

  if (output == NULL)
    return FALSE;
  return g_str_has_prefix (output, wanted)
         || lodge_error_set (error, LODGE_ERROR_FAILED,
                             "%s is not the image that %s names: its SHA-256 is %.64s", iso, file,
                             output);
}

/* FALSE with ERROR unset: nothing beside the image speaks for it; *FAULT may say why. */
static gboolean
check_image (const char *iso, const char *keyring, LodgeProgress *progress, char **fault,
             GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) paths = list_candidates (iso);
  g_autofree char *name = g_path_get_basename (iso);

  for (char **path = paths; *path != NULL; path++)
    {
      g_autofree char *text = NULL;
      g_autofree char *digest = NULL;

      if (!g_file_test (*path, G_FILE_TEST_IS_REGULAR))
        continue;
      text = read_signed (*path, keyring, cancellable);
      digest = text != NULL ? find_digest (text, name) : NULL;
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (digest == NULL)
        {
          g_free (*fault);
          *fault = g_strdup_printf (text == NULL
                                        ? "; %s has no good signature by a key of the template"
                                        : "; %s does not name it",
                                    *path);
          continue;
        }
      lodge_progress_note (
          progress,
          "%s has package lists that are not signed; it is taken as a whole if its "
          "SHA-256 is the one in %s, which a key of the template has signed",
          iso, *path);
      return check_digest (iso, *path, digest, cancellable, error);
    }
  return FALSE;
}

static gboolean
refuse (const LodgeElRepository *repository, const char *fault, GError **error)
{
  if (repository->iso == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the repository %s in %s cannot be trusted: its package list is not "
                            "signed (it has no repodata/repomd.xml.asc); copy that file of the "
                            "mirror too, or name another --source",
                            repository->name, repository->directory);
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "the repository %s of %s cannot be trusted: its package list is not "
                          "signed (it has no repodata/repomd.xml.asc, as most DVDs), and no "
                          "checksum file beside the image speaks for it%s; put the distribution's "
                          "CHECKSUM, with its signature, there, or name a mirror with --source",
                          repository->name, repository->iso, fault != NULL ? fault : "");
}

gboolean
lodge_el_check_unsigned (LodgeElSources *sources, const char *keyring, LodgeProgress *progress,
                         GCancellable *cancellable, GError **error)
{
  const char *known = NULL; /* the last image that can be trusted */

  for (guint i = 0; i < sources->repositories->len; i++)
    {
      LodgeElRepository *repository = g_ptr_array_index (sources->repositories, i);
      g_autofree char *signature = NULL;
      g_autofree char *fault = NULL;
      GError *failure = NULL;

      if (repository->directory == NULL)
        continue;
      signature = g_build_filename (repository->directory, "repodata", "repomd.xml.asc", NULL);
      if (g_file_test (signature, G_FILE_TEST_EXISTS))
        continue;
      repository->whole
          = repository->iso != NULL
            && (g_strcmp0 (known, repository->iso) == 0
                || check_image (repository->iso, keyring, progress, &fault, cancellable, &failure));
      if (failure != NULL)
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      if (!repository->whole)
        return refuse (repository, fault, error);
      known = repository->iso;
    }
  return TRUE;
}
