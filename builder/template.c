/* Loading a template: its file, the files it includes, the directories it copies over the root.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/template.h"

#include <string.h>

#include "builder/template-keys.h"
#include "common/error.h"

#define TEMPLATE_FILE "template.conf"

const char *
lodge_family_kind_name (LodgeFamilyKind family)
{
  switch (family)
    {
    case LODGE_FAMILY_DEBIAN:
      return "debian";
    case LODGE_FAMILY_EL:
      return "el";
    case LODGE_FAMILY_UNSET:
      break;
    }
  return "unknown";
}

void
lodge_template_free (LodgeTemplate *template)
{
  if (template == NULL)
    return;
  lodge_template_keys_clear (template);
  g_free (template->name);
  g_free (template->directory);
  g_strfreev (template->directories);
  g_strfreev (template->files_directories);
  g_free (template);
}

gboolean
lodge_template_disables (const LodgeTemplate *template, const char *unit)
{
  return g_strv_contains ((const char *const *)template->disable, unit);
}

gboolean
lodge_template_has_vmware_tools (const LodgeTemplate *template)
{
  /* open-vm-tools-desktop needs open-vm-tools. */
  for (char **package = template->install; *package != NULL; package++)
    if (g_str_has_prefix (*package, "open-vm-tools"))
      return TRUE;
  return FALSE;
}

typedef struct
{
  LodgeTemplate *template;
  GPtrArray *chain;       /* of char *: the files being read, each included by the one before it */
  GPtrArray *files;       /* of char *: directories to copy over the root */
  GPtrArray *directories; /* of char *: where the files that were read are */
  GHashTable *loaded;     /* set of char *: files that were read already */
} Loader;

static void
add_directories (Loader *loader, const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *files = g_build_filename (directory, "files", NULL);

  if (!g_ptr_array_find_with_equal_func (loader->directories, directory, g_str_equal, NULL))
    g_ptr_array_add (loader->directories, g_steal_pointer (&directory));

  if (g_file_test (files, G_FILE_TEST_IS_DIR)
      && !g_ptr_array_find_with_equal_func (loader->files, files, g_str_equal, NULL))
    g_ptr_array_add (loader->files, g_steal_pointer (&files));
}

static const LodgeKeyfileEntry *
find_include (const LodgeKeyfile *keyfile)
{
  const LodgeKeyfileSection *section = lodge_keyfile_section (keyfile, LODGE_TEMPLATE_SECTION);

  for (guint i = 0; section != NULL && i < section->entries->len; i++)
    {
      const LodgeKeyfileEntry *entry = g_ptr_array_index (section->entries, i);

      if (strcmp (entry->key, LODGE_TEMPLATE_INCLUDE) == 0)
        return entry;
    }
  return NULL;
}

static gboolean load_file (Loader *loader, const char *path, gboolean last, GError **error);

static gboolean
load_include (Loader *loader, const LodgeKeyfile *keyfile, const LodgeKeyfileEntry *entry,
              const char *word, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (keyfile->path);
  g_autofree char *path = g_canonicalize_filename (word, directory);

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return lodge_keyfile_error (error, keyfile, entry->line,
                                "%s=: there is no file %s; expected a path relative to this file",
                                entry->key, path);
  if (g_ptr_array_find_with_equal_func (loader->chain, path, g_str_equal, NULL))
    return lodge_keyfile_error (error, keyfile, entry->line,
                                "%s=: %s includes this file itself; remove one of the two",
                                entry->key, path);
  return load_file (loader, path, FALSE, error);
}

static gboolean
load_includes (Loader *loader, const LodgeKeyfile *keyfile, GError **error)
{
  const LodgeKeyfileEntry *entry = find_include (keyfile);
  g_auto (GStrv) words = NULL;

  if (entry == NULL)
    return TRUE;
  words = g_strsplit_set (entry->value, " \t", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && !load_include (loader, keyfile, entry, words[i], error))
      return FALSE;
  return TRUE;
}

/* Reads PATH after what it includes.  LAST: it is the template's own file. */
static gboolean
load_file (Loader *loader, const char *path, gboolean last, GError **error)
{
  g_autoptr (LodgeKeyfile) keyfile = NULL;

  /* Two includes may share a third: its values count once, where they came first. */
  if (!g_hash_table_add (loader->loaded, g_strdup (path)))
    return TRUE;
  keyfile = lodge_keyfile_load (path, error);
  if (keyfile == NULL || !lodge_template_keys_check (keyfile, error))
    return FALSE;
  g_ptr_array_add (loader->chain, g_strdup (path));
  if (!load_includes (loader, keyfile, error))
    return FALSE;
  g_ptr_array_set_size (loader->chain, (int)loader->chain->len - 1);
  if (!lodge_template_keys_apply (keyfile, loader->template, error))
    return FALSE;
  add_directories (loader, path);
  return !last || lodge_template_keys_complete (keyfile, loader->template, error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* "centos-stream-9, debian-13": the templates below ROOT. */
static char *
list_templates (const char *root)
{
  g_autoptr (GDir) directory = g_dir_open (root, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (root, name, TEMPLATE_FILE, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        g_ptr_array_add (names, g_strdup (name));
    }
  if (names->len == 0)
    return g_strdup ("none");
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (", ", (char **)names->pdata);
}

/* The template's file for NAME, or NULL with ERROR set when there is none. */
static char *
find_file (const char *root, const char *name, GError **error)
{
  g_autofree char *path = NULL;
  g_autofree char *known = NULL;

  /* Else a directory, be it there or not: a file is only meant by its own name. */
  if (strchr (name, '/') != NULL
      && (g_file_test (name, G_FILE_TEST_IS_REGULAR) || g_str_has_suffix (name, "/" TEMPLATE_FILE)))
    path = g_canonicalize_filename (name, NULL);
  else if (strchr (name, '/') != NULL)
    {
      g_autofree char *directory = g_canonicalize_filename (name, NULL);

      path = g_build_filename (directory, TEMPLATE_FILE, NULL);
    }
  else
    {
      g_autofree char *absolute = g_canonicalize_filename (root, NULL);
      g_autofree char *directory = g_canonicalize_filename (name, absolute);

      path = g_build_filename (directory, TEMPLATE_FILE, NULL);
    }
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR) && *name != '\0' && strcmp (name, ".") != 0
      && strcmp (name, "..") != 0)
    return g_steal_pointer (&path);
  known = list_templates (root);
  lodge_error_set (error, LODGE_ERROR_USAGE,
                   "there is no template \"%s\" (no file %s); the templates in %s are: %s", name,
                   path, root, known);
  return NULL;
}

LodgeTemplate *
lodge_template_load (const char *root, const char *name, GError **error)
{
  g_autoptr (LodgeTemplate) template = g_new0 (LodgeTemplate, 1);
  g_autofree char *path = find_file (root, name, error);
  g_autoptr (GPtrArray) chain = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) directories = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) loaded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Loader loader = { .template = template,
                    .chain = chain,
                    .files = files,
                    .directories = directories,
                    .loaded = loaded };

  if (path == NULL)
    return NULL;
  lodge_template_keys_initialize (template);
  template->directory = g_path_get_dirname (path);
  template->name = g_path_get_basename (template->directory);
  if (!load_file (&loader, path, TRUE, error))
    return NULL;
  g_ptr_array_add (directories, NULL);
  template->directories = (GStrv)g_ptr_array_free (g_steal_pointer (&directories), FALSE);
  g_ptr_array_add (files, NULL);
  template->files_directories = (GStrv)g_ptr_array_free (g_steal_pointer (&files), FALSE);
  return g_steal_pointer (&template);
}
