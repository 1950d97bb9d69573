/* RPM repositories' metadata.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/rpm-metadata.h"

#include <archive.h>
#include <string.h>

#include "builder/family.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"

enum
{
  REPOMD_LIMIT = 1024 * 1024, /* bytes */
  BUFFER = 64 * 1024,
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

static const char *
attribute (const char **names, const char **values, const char *name)
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
    repomd->primary = strcmp (attribute (names, values, "type"), "primary") == 0;
  else if (strcmp (element, "checksum") == 0)
    repomd->checksum = repomd->primary && strcmp (attribute (names, values, "type"), "sha256") == 0;
  else if (strcmp (element, "timestamp") == 0)
    repomd->timestamp = TRUE;
  else if (strcmp (element, "location") == 0)
    {
      char *file = g_path_get_basename (attribute (names, values, "href"));

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

/* --- primary.xml --- */

char *
lodge_rpm_metadata_key (const char *id, const char *name, const char *evr, const char *arch)
{
  return g_strdup_printf ("%s/%s-%s.%s", id, name, g_str_has_prefix (evr, "0:") ? evr + 2 : evr,
                          arch);
}

static void
free_package (gpointer package)
{
  lodge_package_free (package);
}

GHashTable *
lodge_rpm_metadata_table (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_package);
}

typedef struct
{
  const char *id;
  GHashTable *table;
  LodgePackage *package; /* the one that is being read */
  GString *text;         /* of the innermost element */
  gboolean format;       /* inside <format>, whose elements can have the names of those outside */
  gboolean sha256;       /* the <checksum> is one */
} Primary;

static void
set_version (LodgePackage *package, const char **names, const char **values)
{
  const char *epoch = attribute (names, values, "epoch");
  gboolean shown = *epoch != '\0' && strcmp (epoch, "0") != 0;

  g_free (package->version);
  package->version
      = g_strconcat (shown ? epoch : "", shown ? ":" : "", attribute (names, values, "ver"), "-",
                     attribute (names, values, "rel"), NULL);
}

static void
primary_start (GMarkupParseContext *context, const char *element, const char **names,
               const char **values, gpointer data, GError **error)
{
  Primary *primary = data;
  LodgePackage *package = primary->package;

  (void)context;
  (void)error;
  g_string_truncate (primary->text, 0);
  if (strcmp (element, "package") == 0)
    {
      lodge_package_free (primary->package);
      primary->package = g_new0 (LodgePackage, 1);
      primary->package->repository = g_strdup (primary->id);
    }
  if (strcmp (element, "format") == 0)
    primary->format = TRUE;
  if (package == NULL || primary->format)
    return;
  if (strcmp (element, "version") == 0)
    set_version (package, names, values);
  else if (strcmp (element, "checksum") == 0)
    primary->sha256 = strcmp (attribute (names, values, "type"), "sha256") == 0;
  else if (strcmp (element, "size") == 0)
    {
      package->size = g_ascii_strtoull (attribute (names, values, "package"), NULL, 10);
      package->installed_size = g_ascii_strtoull (attribute (names, values, "installed"), NULL, 10);
    }
  else if (strcmp (element, "location") == 0)
    {
      g_free (package->location);
      package->location = g_strdup (attribute (names, values, "href"));
    }
}

/* What the list says goes into paths: nothing that could lead elsewhere. */
static gboolean
is_complete (const LodgePackage *package)
{
  return package->name != NULL && package->version != NULL && package->architecture != NULL
         && package->location != NULL && package->sha256 != NULL
         && g_regex_match_simple ("^[0-9a-f]{64}$", package->sha256, 0, 0)
         && *package->location != '/' && strstr (package->location, "..") == NULL;
}

static void
add_package (Primary *primary)
{
  LodgePackage *package = g_steal_pointer (&primary->package);
  char *key;

  if (!is_complete (package))
    {
      lodge_package_free (package); /* who wants it hears that it is not there */
      return;
    }
  key = lodge_rpm_metadata_key (primary->id, package->name, package->version,
                                package->architecture);
  if (g_hash_table_contains (primary->table, key))
    {
      g_free (key);
      lodge_package_free (package);
      return;
    }
  g_hash_table_insert (primary->table, key, package);
}

static void
primary_end (GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
  Primary *primary = data;
  LodgePackage *package = primary->package;

  (void)context;
  (void)error;
  if (package == NULL)
    return;
  if (strcmp (element, "format") == 0)
    primary->format = FALSE;
  else if (strcmp (element, "package") == 0)
    add_package (primary);
  else if (primary->format)
    return;
  else if (strcmp (element, "name") == 0 && package->name == NULL)
    package->name = g_strdup (primary->text->str);
  else if (strcmp (element, "arch") == 0 && package->architecture == NULL)
    package->architecture = g_strdup (primary->text->str);
  else if (strcmp (element, "checksum") == 0 && primary->sha256)
    {
      g_free (package->sha256);
      package->sha256 = g_strdup (primary->text->str);
    }
}

static void
primary_text (GMarkupParseContext *context, const char *text, gsize length, gpointer data,
              GError **error)
{
  Primary *primary = data;

  (void)context;
  (void)error;
  if (primary->package != NULL && !primary->format)
    g_string_append_len (primary->text, text, (gssize)length);
}

/* Parses the decompressed content as it comes. */
static gboolean
parse_primary (GMarkupParseContext *context, struct archive *archive, const char *path,
               GError **error)
{
  g_autofree char *buffer = g_malloc (BUFFER);
  g_autoptr (GError) failure = NULL;
  la_ssize_t length;

  while ((length = archive_read_data (archive, buffer, BUFFER)) > 0)
    if (!g_markup_parse_context_parse (context, buffer, length, &failure))
      break;
  if (length == 0 && g_markup_parse_context_end_parse (context, &failure))
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED, "the package list %s cannot be read: %s", path,
                          failure != NULL ? failure->message : archive_error_string (archive));
}

static gboolean
read_primary (Primary *primary, const char *path, GError **error)
{
  static const GMarkupParser parser = { primary_start, primary_end, primary_text, NULL, NULL };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, primary, NULL);
  struct archive *archive = archive_read_new ();
  struct archive_entry *entry;
  gboolean done;

  archive_read_support_filter_all (archive);
  archive_read_support_format_raw (archive);
  if (archive_read_open_filename (archive, path, BUFFER) != ARCHIVE_OK
      || archive_read_next_header (archive, &entry) != ARCHIVE_OK)
    done = lodge_error_set (error, LODGE_ERROR_FAILED, "the package list %s cannot be read: %s",
                            path, archive_error_string (archive));
  else
    done = parse_primary (context, archive, path, error);
  archive_read_free (archive);
  return done;
}

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
  g_autoptr (GString) buffer = g_string_new (NULL);
  Primary primary = { .id = id, .table = table, .text = buffer };
  g_autofree char *path = NULL;
  gboolean done;

  if (text == NULL || !parse_repomd (&repomd, repomd_path, text, error))
    return FALSE;
  if (repomd.primary_file == NULL || repomd.primary_sha256 == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "%s names no package list with a SHA-256 digest", repomd_path);
  path = g_build_filename (directory, repomd.primary_file, NULL);
  done = check_digest (path, repomd.primary_sha256, error) && read_primary (&primary, path, error);
  lodge_package_free (primary.package);
  return done;
}
