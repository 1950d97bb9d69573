/* RPM repositories' metadata: what is signed, and what that names.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/rpm-metadata.h"

#include <string.h>

#include "builder/rpm-private.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"

enum
{
  REPOMD_LIMIT = 1024 * 1024, /* bytes */
};

gboolean
lodge_rpm_metadata_verify (const char *directory, const char *keyring, GCancellable *cancellable,
                           GError **error)
{
  g_autofree char *repomd = g_build_filename (directory, "repomd.xml", NULL);
  g_autofree char *signature = g_strconcat (repomd, ".asc", NULL);
  const char *const argv[]
      = { "gpgv", "--weak-digest", "SHA1", "--keyring", keyring, signature, repomd, NULL };
  g_autofree char *output = NULL;
  GError *failure = NULL;

  if (!g_file_test (signature, G_FILE_TEST_IS_REGULAR))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "repomd.xml is not signed");
  output = lodge_run (argv, NULL, cancellable, &failure);
  if (output != NULL)
    return TRUE;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, failure);
  else
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "the signature of repomd.xml is not good, or not by a key that the template "
                       "trusts: %s",
                       failure->message);
      g_error_free (failure);
    }
  return FALSE;
}

/* --- repomd.xml --- */

typedef struct
{
  GPtrArray *files;   /* of char* */
  gboolean primary;   /* inside <data type="primary"> */
  gboolean checksum;  /* inside its <checksum type="sha256"> */
  gboolean timestamp; /* inside a <timestamp> */
  gint64 date;        /* the newest of them, or 0 */
  char *primary_file;
  char *primary_sha256;
} Repomd;

const char *
lodge_rpm_attribute (const char **names, const char **values, const char *name)
{
  for (gsize i = 0; names[i] != NULL; i++)
    if (strcmp (names[i], name) == 0)
      return values[i];
  return "";
}

static void
repomd_start (GMarkupParseContext *context, const char *element, const char **names,
              const char **values, gpointer data, GError **error)
{
  Repomd *repomd = data;

  (void)context;
  (void)error;
  if (strcmp (element, "data") == 0)
    repomd->primary = strcmp (lodge_rpm_attribute (names, values, "type"), "primary") == 0;
  else if (strcmp (element, "checksum") == 0)
    repomd->checksum
        = repomd->primary && strcmp (lodge_rpm_attribute (names, values, "type"), "sha256") == 0;
  else if (strcmp (element, "timestamp") == 0)
    repomd->timestamp = TRUE;
  else if (strcmp (element, "location") == 0)
    {
      char *file = g_path_get_basename (lodge_rpm_attribute (names, values, "href"));

      g_ptr_array_add (repomd->files, file);
      if (repomd->primary)
        {
          g_free (repomd->primary_file);
          repomd->primary_file = g_strdup (file);
        }
    }
}

static void
repomd_end (GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
  Repomd *repomd = data;

  (void)context;
  (void)error;
  if (strcmp (element, "data") == 0)
    repomd->primary = FALSE;
  if (strcmp (element, "checksum") == 0)
    repomd->checksum = FALSE;
  if (strcmp (element, "timestamp") == 0)
    repomd->timestamp = FALSE;
}

/* Old versions of createrepo wrote fractions of seconds. */
static void
add_timestamp (Repomd *repomd, const char *text, gsize length)
{
  g_autofree char *copy = g_strstrip (g_strndup (text, length));
  gint64 date = g_ascii_strtoll (copy, NULL, 10);

  repomd->date = MAX (repomd->date, date);
}

static void
repomd_text (GMarkupParseContext *context, const char *text, gsize length, gpointer data,
             GError **error)
{
  Repomd *repomd = data;

  (void)context;
  (void)error;
  if (repomd->timestamp)
    add_timestamp (repomd, text, length);
  if (!repomd->checksum)
    return;
  g_free (repomd->primary_sha256);
  repomd->primary_sha256 = g_strstrip (g_strndup (text, length));
}

static void
repomd_clear (Repomd *repomd)
{
  g_clear_pointer (&repomd->files, g_ptr_array_unref);
  g_clear_pointer (&repomd->primary_file, g_free);
  g_clear_pointer (&repomd->primary_sha256, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Repomd, repomd_clear)

static gboolean
parse_repomd (Repomd *repomd, const char *path, const char *text, GError **error)
{
  static const GMarkupParser parser = { repomd_start, repomd_end, repomd_text, NULL, NULL };
  g_autoptr (GMarkupParseContext) context = NULL;
  g_autoptr (GError) failure = NULL;

  repomd->files = g_ptr_array_new_with_free_func (g_free);
  context = g_markup_parse_context_new (&parser, 0, repomd, NULL);
  if (g_markup_parse_context_parse (context, text, (gssize)strlen (text), &failure)
      && g_markup_parse_context_end_parse (context, &failure))
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s is not what it should be: %s", path,
                          failure->message);
}

GPtrArray *
lodge_rpm_metadata_files (const char *path, const char *text, GError **error)
{
  g_auto (Repomd) repomd = { NULL };

  return parse_repomd (&repomd, path, text, error) ? g_steal_pointer (&repomd.files) : NULL;
}

gboolean
lodge_rpm_metadata_date (const char *directory, gint64 *seconds, GError **error)
{
  g_auto (Repomd) repomd = { NULL };
  g_autofree char *path = g_build_filename (directory, "repomd.xml", NULL);
  g_autofree char *text = lodge_file_read (path, REPOMD_LIMIT, NULL, error);

  if (text == NULL || !parse_repomd (&repomd, path, text, error))
    return FALSE;
  *seconds = repomd.date;
  return *seconds > 0
         || lodge_error_set (error, LODGE_ERROR_FAILED,
                             "%s has no date that can be understood; set SOURCE_DATE_EPOCH", path);
}

/* --- the package list --- */

static gboolean
check_digest (const char *path, const char *wanted, GError **error)
{
  g_autofree char *found = lodge_file_sha256 (path, error);

  if (found == NULL)
    return FALSE;
  if (strcmp (found, wanted) == 0)
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "the package list %s is not the one that the signed repomd.xml names",
                          path);
}

gboolean
lodge_rpm_metadata_read (const char *directory, const char *id, GHashTable *table, GError **error)
{
  g_autofree char *repomd_path = g_build_filename (directory, "repomd.xml", NULL);
  g_autofree char *text = lodge_file_read (repomd_path, REPOMD_LIMIT, NULL, error);
  g_auto (Repomd) repomd = { NULL };
  g_autofree char *path = NULL;

  if (text == NULL || !parse_repomd (&repomd, repomd_path, text, error))
    return FALSE;
  if (repomd.primary_file == NULL || repomd.primary_sha256 == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "%s names no package list with a SHA-256 digest", repomd_path);
  path = g_build_filename (directory, repomd.primary_file, NULL);
  return check_digest (path, repomd.primary_sha256, error)
         && lodge_rpm_primary_read (path, id, table, error);
}
