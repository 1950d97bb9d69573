/* Parsing what apt prints.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/apt-output.h"

#include <string.h>

#include "common/error.h"
#include "common/number.h"

static int
compare_packages (gconstpointer a, gconstpointer b)
{
  const LodgePackage *first = *(const LodgePackage *const *)a;
  const LodgePackage *second = *(const LodgePackage *const *)b;

  return strcmp (first->name, second->name);
}

static void
free_package (gpointer package)
{
  lodge_package_free (package);
}

/* NAME_VERSION_ARCHITECTURE.deb */
static gboolean
parse_file_name (const char *file, LodgePackage *package)
{
  g_auto (GStrv) parts = NULL;

  if (!g_str_has_suffix (file, ".deb"))
    return FALSE;
  parts = g_strsplit (file, "_", -1);
  if (g_strv_length (parts) != 3)
    return FALSE;
  package->name = g_strdup (parts[0]);
  package->version = g_uri_unescape_string (parts[1], NULL);
  package->architecture = g_strndup (parts[2], strlen (parts[2]) - strlen (".deb"));
  return package->version != NULL;
}

static gboolean
is_sha256 (const char *text)
{
  return strlen (text) == 64 && strspn (text, "0123456789abcdef") == 64;
}

static LodgePackage *
parse_uri_line (const char *line, GError **error)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 4);
  LodgePackage *package = g_new0 (LodgePackage, 1);
  const char *prefix = "SHA256:";
  gsize length = g_strv_length (words) == 4 ? strlen (words[0]) : 0;

  if (length > 2 && words[0][length - 1] == '\'' && g_str_has_prefix (words[3], prefix)
      && is_sha256 (words[3] + strlen (prefix)) && parse_file_name (words[1], package)
      && lodge_number_parse (words[2], 1, G_MAXINT64, &package->size))
    {
      package->uri = g_strndup (words[0] + 1, length - 2);
      package->sha256 = g_strdup (words[3] + strlen (prefix));
      return package;
    }
  lodge_package_free (package);
  lodge_error_set (error, LODGE_ERROR_FAILED,
                   "apt-get names a package without size and SHA-256: %s", line);
  return NULL;
}

GPtrArray *
lodge_apt_parse_uris (const char *output, GError **error)
{
  g_autoptr (GPtrArray) packages = g_ptr_array_new_with_free_func (free_package);
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (**line == '\'')
      {
        LodgePackage *package = parse_uri_line (*line, error);

        if (package == NULL)
          return NULL;
        g_ptr_array_add (packages, package);
      }
  g_ptr_array_sort (packages, compare_packages);
  if (packages->len > 0)
    return g_steal_pointer (&packages);
  lodge_error_set (error, LODGE_ERROR_FAILED, "apt-get names no package at all to install");
  return NULL;
}

void
lodge_apt_group_free (gpointer data)
{
  LodgeAptGroup *group = data;

  g_ptr_array_unref (group->names);
  g_free (group);
}

static void
add_action (GPtrArray *groups, LodgeAptAction action, char *name)
{
  LodgeAptGroup *last = groups->len > 0 ? g_ptr_array_index (groups, groups->len - 1) : NULL;

  if (last == NULL || last->action != action)
    {
      last = g_new (LodgeAptGroup, 1);
      last->action = action;
      last->names = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (groups, last);
    }
  g_ptr_array_add (last->names, name);
}

/* The second word of LINE when PREFIX is its first, or NULL. */
static char *
second_word (const char *line, const char *prefix)
{
  if (!g_str_has_prefix (line, prefix))
    return NULL;
  line += strlen (prefix);
  return g_strndup (line, strcspn (line, " "));
}

GPtrArray *
lodge_apt_parse_simulation (const char *output, GHashTable *skip)
{
  GPtrArray *groups = g_ptr_array_new_with_free_func (lodge_apt_group_free);
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      char *name = second_word (*line, "Inst ");
      LodgeAptAction action = name != NULL ? LODGE_APT_UNPACK : LODGE_APT_CONFIGURE;

      if (name == NULL)
        name = second_word (*line, "Conf ");
      if (name == NULL)
        continue;
      if (skip != NULL && g_hash_table_contains (skip, name))
        g_free (name);
      else
        add_action (groups, action, name);
    }
  return groups;
}

GPtrArray *
lodge_apt_parse_installed (const char *output)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      char *name = second_word (*line, "Inst ");

      if (name != NULL)
        g_ptr_array_add (names, name);
    }
  return names;
}

gboolean
lodge_apt_parse_status (const char *line, double *percent)
{
  g_auto (GStrv) fields = g_strsplit (line, ":", 4);

  if (g_strv_length (fields) != 4 || strcmp (fields[0], "dlstatus") != 0)
    return FALSE;
  *percent = CLAMP (g_ascii_strtod (fields[2], NULL), 0.0, 100.0);
  return TRUE;
}

/* In the order of what tells most. */
static const struct
{
  const char *text; /* in a line of apt's */
  LodgeAptFailure failure;
  const char *mend;
} table[] = {
  { "No space left on device", LODGE_APT_FULL, "make room, or choose another place with --cache" },
  { "GPG error", LODGE_APT_UNTRUSTED, NULL },
  { "OpenPGP signature verification failed", LODGE_APT_UNTRUSTED, NULL },
  { "is not signed", LODGE_APT_UNTRUSTED, NULL },
  { "NO_PUBKEY", LODGE_APT_UNTRUSTED, NULL },
  { "is expired", LODGE_APT_UNTRUSTED, "use a mirror that is kept up to date: --mirror URL" },
  { "is not valid yet", LODGE_APT_UNTRUSTED, "set this machine's clock" },
  { "Hash Sum mismatch", LODGE_APT_UNTRUSTED,
    "it is not what the signed lists name; try again, or another --mirror" },
  { "File has unexpected size", LODGE_APT_UNTRUSTED,
    "it is not what the signed lists name; try again, or another --mirror" },
  { "does not have a Release file", LODGE_APT_MISSING,
    "this is no Debian mirror with that suite; choose another with --mirror" },
  { "Could not resolve", LODGE_APT_UNREACHABLE, NULL },
  { "Temporary failure resolving", LODGE_APT_UNREACHABLE, NULL },
  { "Something wicked happened resolving", LODGE_APT_UNREACHABLE, NULL },
  { "Could not connect", LODGE_APT_UNREACHABLE, NULL },
  { "Cannot initiate the connection", LODGE_APT_UNREACHABLE, NULL },
  { "Unable to connect", LODGE_APT_UNREACHABLE, NULL },
  { "Connection failed", LODGE_APT_UNREACHABLE, NULL },
  { "connection timed out", LODGE_APT_UNREACHABLE, NULL },
  { "Connection timed out", LODGE_APT_UNREACHABLE, NULL },
  { "Error reading from server", LODGE_APT_UNREACHABLE, NULL },
  { "Network is unreachable", LODGE_APT_UNREACHABLE, NULL },
  { "404", LODGE_APT_MISSING, "the mirror changed meanwhile, or is not whole; try again" },
  { "File not found", LODGE_APT_MISSING, "the mirror is not whole; choose another with --mirror" },
  { "Failed to stat", LODGE_APT_MISSING, "the mirror is not whole; choose another with --mirror" },
  { "Unable to locate package", LODGE_APT_OTHER,
    "the template names a package that its suites do not have" },
  { "has no installation candidate", LODGE_APT_OTHER,
    "the template names a package that its suites do not have" },
};

/* LINE without what apt puts before and after. */
static char *
clean_line (const char *line)
{
  if (g_str_has_prefix (line, "E: ") || g_str_has_prefix (line, "W: "))
    line += 3;
  return g_strstrip (g_strdup (line));
}

static gboolean
is_complaint (const char *line)
{
  return g_str_has_prefix (line, "E: ") || g_str_has_prefix (line, "W: ");
}

/* "PACKAGE : Depends: OTHER but it is not installable", the first line under this heading. */
static char *
find_unmet (char **lines)
{
  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "The following packages have unmet dependencies")
        && line[1] != NULL)
      return g_strconcat ("the packages do not fit together: ", g_strstrip (line[1]), NULL);
  return NULL;
}

LodgeAptFailure
lodge_apt_explain (const char *output, char **sentence)
{
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);
  const char *last = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    for (char **line = lines; *line != NULL; line++)
      if (is_complaint (*line) && strstr (*line, table[i].text) != NULL)
        {
          g_autofree char *text = clean_line (*line);

          *sentence = table[i].mend != NULL ? g_strdup_printf ("%s; %s", text, table[i].mend)
                                            : g_steal_pointer (&text);
          return table[i].failure;
        }
  *sentence = find_unmet (lines);
  if (*sentence != NULL)
    return LODGE_APT_OTHER;
  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "E: Failed to fetch"))
      {
        last = *line; /* "E: Download Failed" follows */
        break;
      }
    else if (g_str_has_prefix (*line, "E: ") || (last == NULL && g_str_has_prefix (*line, "W: ")))
      last = *line;
  *sentence = last != NULL ? clean_line (last) : g_strdup ("apt failed and does not say why");
  return LODGE_APT_OTHER;
}
