/* What an RPM distribution's tree must have, whatever dnf said.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "builder/bls-name.h"
#include "builder/el-tree.h"
#include "builder/grub-words.h"
#include "builder/root-check.h"
#include "builder/tree.h"
#include "common/error.h"

#define ENTRIES "boot/loader/entries"

/* --- packages --- */

/* "NAME-EVR.ARCH" of what is in the tree's database, as the tree's own rpm reads it. */
static GHashTable *
list_installed (LodgeElTree *tree, GError **error)
{
  const char *const argv[] = { "rpm",
                               "--query",
                               "--all",
                               "--queryformat",
                               "%{NAME} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE} %{ARCH}\\n",
                               NULL };
  g_autofree char *output = lodge_el_tree_read (tree, argv, error);
  g_auto (GStrv) lines = output != NULL ? g_strsplit (output, "\n", -1) : NULL;
  GHashTable *set;

  if (output == NULL)
    return NULL;
  set = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) words = g_strsplit (*line, " ", -1);

      /* Keys are in the database as if they were packages. */
      if (g_strv_length (words) == 3 && strcmp (words[0], "gpg-pubkey") != 0)
        g_hash_table_add (
            set, g_strdup_printf ("%s-%s.%s", words[0],
                                  g_str_has_prefix (words[1], "0:") ? words[1] + 2 : words[1],
                                  words[2]));
    }
  return set;
}

static gboolean
check_set (const LodgeBuild *build, GHashTable *installed, GError **error)
{
  for (guint i = 0; i < build->packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (build->packages, i);
      g_autofree char *name
          = g_strdup_printf ("%s-%s.%s", package->name, package->version, package->architecture);

      if (!g_hash_table_remove (installed, name))
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                "dnf did not install the package %s, and did not say so", name);
    }
  if (g_hash_table_size (installed) > 0)
    {
      GHashTableIter iterator;
      gpointer name;

      g_hash_table_iter_init (&iterator, installed);
      g_hash_table_iter_next (&iterator, &name, NULL);
      return lodge_error_set (error, LODGE_ERROR_FAILED,
                              "dnf installed the package %s, which is not one of the build's",
                              (char *)name);
    }
  return TRUE;
}

/* Whether WORD means PACKAGE in one of the ways that dnf(8) knows ("SPECIFYING PACKAGES"): by name,
 * with the architecture, with version, with release. */
static gboolean
means_package (const char *word, const LodgePackage *package)
{
  const char *colon = strchr (package->version, ':');
  const char *release = colon != NULL ? colon + 1 : package->version;
  g_autofree char *version = g_strndup (release, strcspn (release, "-"));
  const char *const evr[] = { NULL, version, release, package->version };

  for (gsize i = 0; i < G_N_ELEMENTS (evr); i++)
    {
      g_autofree char *name
          = g_strconcat (package->name, evr[i] != NULL ? "-" : NULL, evr[i], NULL);
      g_autofree char *full = g_strconcat (name, ".", package->architecture, NULL);

      if (strcmp (word, name) == 0 || strcmp (word, full) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_package (const LodgeBuild *build, const char *word)
{
  for (guint i = 0; i < build->packages->len; i++)
    if (means_package (word, g_ptr_array_index (build->packages, i)))
      return TRUE;
  return FALSE;
}

/* Each name of the template is a package, which check_set() saw installed, or provided by one,
 * which rpm knows; groups ("@core") were dnf's. */
static gboolean
check_wanted (LodgeElTree *tree, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  char **name = tree->build->plan->template->install;

  g_ptr_array_add (argv, (gpointer) "rpm");
  g_ptr_array_add (argv, (gpointer) "--query");
  g_ptr_array_add (argv, (gpointer) "--whatprovides");
  for (; *name != NULL; name++)
    if (**name != '@' && !is_package (tree->build, *name))
      g_ptr_array_add (argv, *name);
  if (argv->len == 3)
    return TRUE;
  g_ptr_array_add (argv, NULL);
  return lodge_el_tree_run (tree, (const char *const *)argv->pdata, error);
}

gboolean
lodge_el_check_packages (LodgeElTree *tree, GError **error)
{
  g_autoptr (GHashTable) installed = list_installed (tree, error);

  return installed != NULL && check_set (tree->build, installed, error)
         && check_wanted (tree, error);
}

/* --- kernels --- */

/* The value of KEY in a boot loader entry, lines "KEY VALUE"; NULL when it is not there. */
static const char *
entry_value (char **lines, const char *key)
{
  gsize length = strlen (key);

  for (; *lines != NULL; lines++)
    if (strncmp (*lines, key, length) == 0 && g_ascii_isspace ((*lines)[length]))
      return g_strstrip (*lines + length);
  return "";
}

static gboolean
check_options (const LodgeTemplate *template, const char *name, const char *options,
               const char *uuid, GError **error)
{
  g_autofree char *quoted = lodge_grub_quote_words (template->kernel_command_line);
  g_autofree char *command_line = g_strdup_printf ("root=UUID=%s %s", uuid, quoted);
  g_auto (GStrv) wanted = g_strsplit (command_line, " ", -1);
  g_auto (GStrv) found = g_strsplit (options, " ", -1);

  for (char **word = wanted; *word != NULL; word++)
    if (**word != '\0' && !g_strv_contains ((const char *const *)found, *word))
      return lodge_error_set (error, LODGE_ERROR_FAILED,
                              "the boot loader entry %s lacks \"%s\"; its options are: %s", name,
                              *word, options);
  return TRUE;
}

/* PATH as an entry has it, from the root: /boot is no file system of its own. */
static gboolean
check_entry_file (const LodgeElTree *tree, const char *name, const char *key, const char *path,
                  GError **error)
{
  if (*path == '/' && lodge_tree_has (tree->path, path + 1))
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "the boot loader entry %s has \"%s %s\", which is not in the image", name,
                          key, path);
}

static gboolean
check_entry (const LodgeElTree *tree, const char *name, const char *uuid, GError **error)
{
  g_autofree char *path = g_build_filename (ENTRIES, name, NULL);
  g_autofree char *text = lodge_tree_read (tree->path, path, error);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;

  return text != NULL && check_entry_file (tree, name, "linux", entry_value (lines, "linux"), error)
         && check_entry_file (tree, name, "initrd", entry_value (lines, "initrd"), error)
         && check_options (tree->build->plan->template, name, entry_value (lines, "options"), uuid,
                           error);
}

static gboolean
check_kernel (const LodgeElTree *tree, const char *version, const char *uuid, GError **error)
{
  g_autofree char *initramfs = g_strdup_printf ("/boot/initramfs-%s.img", version);
  g_auto (GStrv) entries = lodge_tree_list (tree->path, ENTRIES, "");

  if (!lodge_tree_has (tree->path, initramfs + 1))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "no %s was made", initramfs);
  if (!lodge_root_check_initramfs (tree->build, tree->path, version, NULL, initramfs, error))
    return FALSE;
  for (char **entry = entries; *entry != NULL; entry++)
    if (lodge_bls_is_entry_of (*entry, version))
      return check_entry (tree, *entry, uuid, error);
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "kernel-install made no boot loader entry for Linux %s in /" ENTRIES,
                          version);
}

gboolean
lodge_el_check_kernels (LodgeElTree *tree, const char *uuid, GError **error)
{
  g_auto (GStrv) versions = lodge_root_kernels (tree->path, error);

  if (versions == NULL)
    return FALSE;
  for (char **version = versions; *version != NULL; version++)
    if (!check_kernel (tree, *version, uuid, error))
      return FALSE;
  return TRUE;
}

/* --- SELinux --- */

gboolean
lodge_el_check_selinux (LodgeElTree *tree, GError **error)
{
  static const char config[] = "etc/selinux/config";
  g_autofree char *text = lodge_tree_read (tree->path, config, error);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;

  if (text == NULL)
    return FALSE;
  if (g_strv_contains ((const char *const *)lines, "SELINUX=enforcing"))
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "the packages left /%s without \"SELINUX=enforcing\"", config);
}
