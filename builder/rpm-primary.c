/* The package list of an RPM repository.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/rpm-private.h"

#include <archive.h>
#include <string.h>

#include "builder/family.h"
#include "builder/rpm-metadata.h"
#include "common/error.h"

enum
{
  BUFFER = 64 * 1024, /* bytes */
};

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
  const char *epoch = lodge_rpm_attribute (names, values, "epoch");
  gboolean shown = *epoch != '\0' && strcmp (epoch, "0") != 0;

  g_free (package->version);
  package->version = g_strconcat (shown ? epoch : "", shown ? ":" : "",
                                  lodge_rpm_attribute (names, values, "ver"), "-",
                                  lodge_rpm_attribute (names, values, "rel"), NULL);
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
    primary->sha256 = strcmp (lodge_rpm_attribute (names, values, "type"), "sha256") == 0;
  else if (strcmp (element, "size") == 0)
    {
      package->size = g_ascii_strtoull (lodge_rpm_attribute (names, values, "package"), NULL, 10);
      package->installed_size
          = g_ascii_strtoull (lodge_rpm_attribute (names, values, "installed"), NULL, 10);
    }
  else if (strcmp (element, "location") == 0)
    {
      g_free (package->location);
      package->location = g_strdup (lodge_rpm_attribute (names, values, "href"));
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

gboolean
lodge_rpm_primary_read (const char *path, const char *id, GHashTable *table, GError **error)
{
  g_autoptr (GString) buffer = g_string_new (NULL);
  Primary primary = { .id = id, .table = table, .text = buffer };
  gboolean done = read_primary (&primary, path, error);

  lodge_package_free (primary.package);
  return done;
}
