/* The table of template.conf's keys, and how each kind of value is read.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/template-keys.h"

#include <string.h>

#include "common/error.h"
#include "common/size.h"
#include "common/syntax.h"

typedef enum
{
  VALUE_TEXT,        /* char *: one value, the whole of it matches `pattern` */
  VALUE_LIST,        /* GStrv: blank-separated words, each matches `pattern` */
  VALUE_FINGERPRINT, /* GStrv: as a list, kept in upper case */
  VALUE_SIZE,        /* guint64, bytes */
  VALUE_FAMILY,      /* LodgeFamilyKind */
  VALUE_HOSTNAME,    /* char *, as answers.conf takes it */
  VALUE_INCLUDE,     /* not a field: template.c reads it */
} ValueKind;

typedef enum
{
  NEEDED_NEVER,
  NEEDED_ALWAYS,
  NEEDED_BY_DEBIAN,
  NEEDED_BY_EL,
} Needed;

typedef struct
{
  const char *section;
  const char *key;
  ValueKind kind;
  Needed needed;
  gsize offset; /* of the field in LodgeTemplate */
  const char *pattern;
  const char *expected; /* ends the sentence "…; expected" */
} TemplateKey;

#define FIELD(name) G_STRUCT_OFFSET (LodgeTemplate, name)

#define TEXT_PATTERN "^[^\\x00-\\x1f\\x7f]+$"
/* "@core" is a group of packages in comps.xml. */
#define PACKAGE_PATTERN "^@?[A-Za-z0-9][A-Za-z0-9+._:-]*$"
#define SERVICES_SECTION "Services"
#define UNIT_PATTERN "^[A-Za-z0-9:_.\\\\@-]+\\.(service|socket|timer|target|path|mount|slice)$"
#define URL_PATTERN "^https://[!-~]+$"
#define REPOSITORY_PATTERN "^[A-Za-z0-9][A-Za-z0-9_-]*$"
static const TemplateKey template_keys[] = {
  { LODGE_TEMPLATE_SECTION, "Description", VALUE_TEXT, NEEDED_ALWAYS, FIELD (description),
    TEXT_PATTERN, "one line of text" },
  { LODGE_TEMPLATE_SECTION, LODGE_TEMPLATE_INCLUDE, VALUE_INCLUDE, NEEDED_NEVER, 0, NULL,
    "paths of files, relative to this one" },

  { "Distribution", "Family", VALUE_FAMILY, NEEDED_ALWAYS, FIELD (family), NULL, "debian or el" },
  { "Distribution", "Release", VALUE_TEXT, NEEDED_ALWAYS, FIELD (release), "^[a-z0-9][a-z0-9.-]*$",
    "the release's name in the archive, as trixie or 9-stream" },
  { "Distribution", "OsName", VALUE_TEXT, NEEDED_ALWAYS, FIELD (os_name), TEXT_PATTERN,
    "the boot menu's title, as \"Debian 13\"" },
  { "Distribution", "Suites", VALUE_LIST, NEEDED_BY_DEBIAN, FIELD (suites),
    "^[a-z0-9][a-z0-9./-]*$", "suites of the archive, as \"trixie trixie-security\"" },
  { "Distribution", "Components", VALUE_LIST, NEEDED_BY_DEBIAN, FIELD (components),
    "^[a-z][a-z0-9-]*$", "components of the archive, as \"main non-free-firmware\"" },
  { "Distribution", "Metalink", VALUE_TEXT, NEEDED_NEVER, FIELD (metalink), URL_PATTERN,
    "an https URL with %R or %r for the repository" },
  { "Distribution", "Mirrorlist", VALUE_TEXT, NEEDED_NEVER, FIELD (mirrorlist), URL_PATTERN,
    "an https URL with %R or %r for the repository" },
  { "Distribution", "Repositories", VALUE_LIST, NEEDED_BY_EL, FIELD (repositories),
    REPOSITORY_PATTERN, "names of repositories, as \"BaseOS AppStream\"" },
  { "Distribution", "BuildRepositories", VALUE_LIST, NEEDED_NEVER, FIELD (build_repositories),
    REPOSITORY_PATTERN, "names of repositories, as \"CRB\"" },
  { "Distribution", "RpmDatabase", VALUE_TEXT, NEEDED_BY_EL, FIELD (rpm_database),
    "^(/[a-z0-9]+)+$", "the directory of the release's package database, as /var/lib/rpm" },
  { "Distribution", "ProcessorLevel", VALUE_TEXT, NEEDED_NEVER, FIELD (processor_level), "^[1-4]$",
    "the level of x86-64 that the release needs, 1 to 4" },
  { "Distribution", "KeyUrls", VALUE_LIST, NEEDED_NEVER, FIELD (key_urls), URL_PATTERN,
    "https URLs of signing keys" },
  { "Distribution", "Fingerprints", VALUE_FINGERPRINT, NEEDED_ALWAYS, FIELD (fingerprints),
    "^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$",
    "full fingerprints of the archive's signing keys, 40 hexadecimal digits each" },

  { "Packages", "Install", VALUE_LIST, NEEDED_ALWAYS, FIELD (install), PACKAGE_PATTERN,
    "names of packages" },
  { "Packages", "BuildDepends", VALUE_LIST, NEEDED_ALWAYS, FIELD (build_depends), PACKAGE_PATTERN,
    "names of packages" },

  /* root= is the disk writer's: it knows the file system's UUID. */
  { "Boot", "KernelCommandLine", VALUE_TEXT, NEEDED_ALWAYS, FIELD (kernel_command_line),
    "^(?!(.* )?(root|rootfstype|rootflags)=)[\\x20\\x21\\x23-\\x26\\x28-\\x5b\\x5d-\\x7e]+$",
    "the kernel's parameters in ASCII, without root=, quotes and backslashes" },
  { "Boot", "InitramfsDrivers", VALUE_LIST, NEEDED_ALWAYS, FIELD (initramfs_drivers),
    "^[a-z0-9][a-z0-9_-]*$", "names of kernel modules" },

  { SERVICES_SECTION, "Enable", VALUE_LIST, NEEDED_NEVER, FIELD (enable), UNIT_PATTERN,
    "names of systemd units, as ssh.service" },
  { SERVICES_SECTION, "Disable", VALUE_LIST, NEEDED_NEVER, FIELD (disable), UNIT_PATTERN,
    "names of systemd units, as ssh.service" },

  { "Image", "Size", VALUE_SIZE, NEEDED_ALWAYS, FIELD (size), NULL, "a size, as 4G" },
  { "Image", "Hostname", VALUE_HOSTNAME, NEEDED_ALWAYS, FIELD (hostname), NULL, "a host name" },
};

static const TemplateKey *
find_key (const char *section, const char *key)
{
  for (gsize i = 0; i < G_N_ELEMENTS (template_keys); i++)
    if (strcmp (template_keys[i].section, section) == 0 && strcmp (template_keys[i].key, key) == 0)
      return &template_keys[i];
  return NULL;
}

/* What would have been right: the keys of SECTION, or all section names when it is NULL. */
static char *
list_names (const char *section)
{
  GString *names = g_string_new (NULL);
  const char *last = "";

  for (gsize i = 0; i < G_N_ELEMENTS (template_keys); i++)
    {
      const TemplateKey *row = &template_keys[i];

      if (section != NULL && strcmp (row->section, section) == 0)
        g_string_append_printf (names, "%s%s", names->len == 0 ? "" : ", ", row->key);
      if (section == NULL && strcmp (row->section, last) != 0)
        g_string_append_printf (names, "%s[%s]", names->len == 0 ? "" : ", ", row->section);
      last = row->section;
    }
  return g_string_free (names, FALSE);
}

gboolean
lodge_template_keys_check (const LodgeKeyfile *keyfile, GError **error)
{
  for (guint i = 0; i < keyfile->sections->len; i++)
    {
      const LodgeKeyfileSection *section = g_ptr_array_index (keyfile->sections, i);
      g_autofree char *known = list_names (section->name);

      if (*known == '\0')
        {
          g_autofree char *sections = list_names (NULL);

          return lodge_keyfile_error (error, keyfile, section->line,
                                      "unknown section [%s]; expected one of %s", section->name,
                                      sections);
        }
      for (guint j = 0; j < section->entries->len; j++)
        {
          const LodgeKeyfileEntry *entry = g_ptr_array_index (section->entries, j);

          if (find_key (section->name, entry->key) == NULL)
            return lodge_keyfile_error (error, keyfile, entry->line,
                                        "unknown key %s in [%s]; expected one of %s", entry->key,
                                        section->name, known);
        }
    }
  return TRUE;
}

static gboolean
bad_value (const LodgeKeyfile *keyfile, const LodgeKeyfileEntry *entry, const TemplateKey *row,
           const char *word, GError **error)
{
  if (*word == '\0')
    return lodge_keyfile_error (error, keyfile, entry->line, "%s= is empty; expected %s", row->key,
                                row->expected);
  return lodge_keyfile_error (error, keyfile, entry->line, "%s=: \"%s\" is not right; expected %s",
                              row->key, word, row->expected);
}

/* Joins the words of ENTRY to *LIST. */
static gboolean
apply_list (const LodgeKeyfile *keyfile, const LodgeKeyfileEntry *entry, const TemplateKey *row,
            GStrv *list, GError **error)
{
  g_auto (GStrv) words = g_strsplit_set (entry->value, " \t", -1);
  g_autoptr (GPtrArray) joined = g_ptr_array_new_with_free_func (g_free);

  if (*entry->value != '\0')
    for (guint i = 0; (*list)[i] != NULL; i++)
      g_ptr_array_add (joined, g_strdup ((*list)[i]));
  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autofree char *word
          = row->kind == VALUE_FINGERPRINT ? g_ascii_strup (words[i], -1) : g_strdup (words[i]);

      if (*word == '\0')
        continue;
      if (!g_regex_match_simple (row->pattern, word, G_REGEX_DOLLAR_ENDONLY, 0))
        return bad_value (keyfile, entry, row, words[i], error);
      if (!g_ptr_array_find_with_equal_func (joined, word, g_str_equal, NULL))
        g_ptr_array_add (joined, g_steal_pointer (&word));
    }
  g_ptr_array_add (joined, NULL);
  g_strfreev (*list);
  *list = (GStrv)g_ptr_array_free (g_steal_pointer (&joined), FALSE);
  return TRUE;
}

static gboolean
apply_size (const LodgeKeyfile *keyfile, const LodgeKeyfileEntry *entry, const TemplateKey *row,
            guint64 *size, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (lodge_size_parse (entry->value, size, &reason))
    return TRUE;
  return lodge_keyfile_error (error, keyfile, entry->line, "%s=: %s", row->key, reason->message);
}

static gboolean
apply_hostname (const LodgeKeyfile *keyfile, const LodgeKeyfileEntry *entry, const TemplateKey *row,
                char **hostname, GError **error)
{
  g_autoptr (GError) reason = NULL;
  char *checked = lodge_syntax_hostname (entry->value, &reason);

  if (checked == NULL)
    return lodge_keyfile_error (error, keyfile, entry->line, "%s=: %s", row->key, reason->message);
  g_free (*hostname);
  *hostname = checked;
  return TRUE;
}

static gboolean
apply_entry (const LodgeKeyfile *keyfile, const LodgeKeyfileEntry *entry, const TemplateKey *row,
             LodgeTemplate *template, GError **error)
{
  gpointer field = G_STRUCT_MEMBER_P (template, row->offset);

  switch (row->kind)
    {
    case VALUE_TEXT:
      if (!g_regex_match_simple (row->pattern, entry->value, G_REGEX_DOLLAR_ENDONLY, 0))
        return bad_value (keyfile, entry, row, entry->value, error);
      g_free (*(char **)field);
      *(char **)field = g_strdup (entry->value);
      return TRUE;

    case VALUE_LIST:
    case VALUE_FINGERPRINT:
      return apply_list (keyfile, entry, row, field, error);

    case VALUE_SIZE:
      return apply_size (keyfile, entry, row, field, error);

    case VALUE_HOSTNAME:
      return apply_hostname (keyfile, entry, row, field, error);

    case VALUE_FAMILY:
      if (strcmp (entry->value, "debian") == 0)
        *(LodgeFamilyKind *)field = LODGE_FAMILY_DEBIAN;
      else if (strcmp (entry->value, "el") == 0)
        *(LodgeFamilyKind *)field = LODGE_FAMILY_EL;
      else
        return bad_value (keyfile, entry, row, entry->value, error);
      return TRUE;

    case VALUE_INCLUDE:
      return TRUE;
    }
  g_assert_not_reached ();
}

static const LodgeKeyfileEntry *
find_entry (const LodgeKeyfile *keyfile, const char *section_name, const char *key)
{
  const LodgeKeyfileSection *section = lodge_keyfile_section (keyfile, section_name);

  for (guint i = 0; section != NULL && i < section->entries->len; i++)
    {
      const LodgeKeyfileEntry *entry = g_ptr_array_index (section->entries, i);

      if (strcmp (entry->key, key) == 0)
        return entry;
    }
  return NULL;
}

/* A word that is in both, or NULL. */
static char *
common_word (const LodgeKeyfileEntry *first, const LodgeKeyfileEntry *second)
{
  g_auto (GStrv) words = g_strsplit_set (first->value, " \t", -1);
  g_auto (GStrv) others = g_strsplit_set (second->value, " \t", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && g_strv_contains ((const char *const *)others, words[i]))
      return g_strdup (words[i]);
  return NULL;
}

/* Takes the words of ENTRY (or NULL) out of *LIST. */
static void
take_out (const LodgeKeyfileEntry *entry, GStrv *list)
{
  g_auto (GStrv) words = g_strsplit_set (entry != NULL ? entry->value : "", " \t", -1);
  guint kept = 0;

  for (guint i = 0; (*list)[i] != NULL; i++)
    if (g_strv_contains ((const char *const *)words, (*list)[i]))
      g_free ((*list)[i]);
    else
      (*list)[kept++] = (*list)[i];
  (*list)[kept] = NULL;
}

/* Enable= and Disable= are two lists about one thing: what a file says of a unit replaces what its
 * included files said. */
static gboolean
settle_services (const LodgeKeyfile *keyfile, LodgeTemplate *template, GError **error)
{
  const LodgeKeyfileEntry *enable = find_entry (keyfile, SERVICES_SECTION, "Enable");
  const LodgeKeyfileEntry *disable = find_entry (keyfile, SERVICES_SECTION, "Disable");
  g_autofree char *word = enable != NULL && disable != NULL ? common_word (enable, disable) : NULL;

  if (word != NULL)
    return lodge_keyfile_error (error, keyfile, disable->line,
                                "Disable=: %s is in Enable= (line %d) of this file, too; expected "
                                "it in one of the two",
                                word, enable->line);
  take_out (enable, &template->disable);
  take_out (disable, &template->enable);
  return TRUE;
}

gboolean
lodge_template_keys_apply (const LodgeKeyfile *keyfile, LodgeTemplate *template, GError **error)
{
  for (guint i = 0; i < keyfile->sections->len; i++)
    {
      const LodgeKeyfileSection *section = g_ptr_array_index (keyfile->sections, i);

      for (guint j = 0; j < section->entries->len; j++)
        {
          const LodgeKeyfileEntry *entry = g_ptr_array_index (section->entries, j);
          const TemplateKey *row = find_key (section->name, entry->key);

          if (!apply_entry (keyfile, entry, row, template, error))
            return FALSE;
        }
    }
  return settle_services (keyfile, template, error);
}

static gboolean
is_missing (const LodgeTemplate *template, const TemplateKey *row)
{
  gconstpointer field = G_STRUCT_MEMBER_P (template, row->offset);

  switch (row->kind)
    {
    case VALUE_TEXT:
    case VALUE_HOSTNAME:
      return *(char *const *)field == NULL;
    case VALUE_LIST:
    case VALUE_FINGERPRINT:
      return **(const GStrv *)field == NULL;
    case VALUE_SIZE:
      return *(const guint64 *)field == 0;
    case VALUE_FAMILY:
      return *(const LodgeFamilyKind *)field == LODGE_FAMILY_UNSET;
    case VALUE_INCLUDE:
      return FALSE;
    }
  g_assert_not_reached ();
}

gboolean
lodge_template_keys_complete (const LodgeKeyfile *keyfile, const LodgeTemplate *template,
                              GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (template_keys); i++)
    {
      const TemplateKey *row = &template_keys[i];
      gboolean needed
          = row->needed == NEEDED_ALWAYS
            || (row->needed == NEEDED_BY_DEBIAN && template->family == LODGE_FAMILY_DEBIAN)
            || (row->needed == NEEDED_BY_EL && template->family == LODGE_FAMILY_EL);
      const LodgeKeyfileSection *section = lodge_keyfile_section (keyfile, row->section);

      if (needed && is_missing (template, row))
        return lodge_keyfile_error (error, keyfile, section == NULL ? 1 : section->line,
                                    "%s= is missing in [%s]; expected %s", row->key, row->section,
                                    row->expected);
    }
  if (template->family == LODGE_FAMILY_EL
      && (template->metalink == NULL) == (template->mirrorlist == NULL))
    return lodge_keyfile_error (error, keyfile, 1,
                                "a template of the family el gives either Metalink= or "
                                "Mirrorlist= in [Distribution]");
  return TRUE;
}

void
lodge_template_keys_initialize (LodgeTemplate *template)
{
  for (gsize i = 0; i < G_N_ELEMENTS (template_keys); i++)
    if (template_keys[i].kind == VALUE_LIST || template_keys[i].kind == VALUE_FINGERPRINT)
      *(GStrv *)G_STRUCT_MEMBER_P (template, template_keys[i].offset) = g_new0 (char *, 1);
}

void
lodge_template_keys_clear (LodgeTemplate *template)
{
  for (gsize i = 0; i < G_N_ELEMENTS (template_keys); i++)
    {
      gpointer field = G_STRUCT_MEMBER_P (template, template_keys[i].offset);

      if (template_keys[i].kind == VALUE_TEXT || template_keys[i].kind == VALUE_HOSTNAME)
        g_clear_pointer ((char **)field, g_free);
      else if (template_keys[i].kind == VALUE_LIST || template_keys[i].kind == VALUE_FINGERPRINT)
        g_clear_pointer ((GStrv *)field, g_strfreev);
    }
}
