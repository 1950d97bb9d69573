/* What must be true of a root tree, whatever its family.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/root-check.h"

#include <string.h>

#include "builder/root-modules.h"
#include "builder/root-processor.h"
#include "builder/sandbox.h"
#include "builder/tree.h"
#include "common/error.h"

#define KERNEL "boot/vmlinuz-"

/* --- services --- */

gboolean
lodge_root_has_unit (const char *tree, const char *unit)
{
  static const char *const directories[] = { "usr/lib/systemd/system", "etc/systemd/system", NULL };

  for (const char *const *directory = directories; *directory != NULL; directory++)
    {
      g_autofree char *path = g_build_filename (*directory, unit, NULL);

      if (lodge_tree_has (tree, path))
        return TRUE;
    }
  return FALSE;
}

/* Whether the unit comes with what is laid over the root later. */
static gboolean
overlay_has_unit (const LodgeBuild *build, const char *unit)
{
  g_autofree char *own = g_build_filename (build->source, "firstboot", "units", unit, NULL);
  char **directory = build->plan->template->files_directories;

  if (g_file_test (own, G_FILE_TEST_EXISTS))
    return TRUE;
  for (; *directory != NULL; directory++)
    {
      g_autofree char *vendor
          = g_build_filename (*directory, "usr", "lib", "systemd", "system", unit, NULL);
      g_autofree char *local
          = g_build_filename (*directory, "etc", "systemd", "system", unit, NULL);

      if (g_file_test (vendor, G_FILE_TEST_EXISTS) || g_file_test (local, G_FILE_TEST_EXISTS))
        return TRUE;
    }
  return FALSE;
}

gboolean
lodge_root_check_units (const LodgeBuild *build, const char *tree, GError **error)
{
  const LodgeTemplate *template = build->plan->template;

  for (char **unit = template->enable; *unit != NULL; unit++)
    if (!lodge_root_has_unit (tree, *unit) && !overlay_has_unit (build, *unit))
      return lodge_error_set (
          error, LODGE_ERROR_FAILED,
          "the template %s enables %s, which neither a package nor a file of it brings",
          template->name, *unit);
  return TRUE;
}

/* --- initramfs --- */

/* What PROGRAM, run in the tree with BINDS, prints of PATH. */
static char *
read_inside (const LodgeBuild *build, const char *tree, GPtrArray *binds, const char *program,
             const char *path, GError **error)
{
  const char *const argv[] = { program, path, NULL };
  LodgeSandbox sandbox = { .helper = build->helper, .root = tree, .tree = TRUE, .binds = binds };
  GString *text = g_string_new (NULL);

  if (lodge_sandbox_run (&sandbox, argv, lodge_root_append_line, text, build->cancellable, error))
    return g_string_free (text, FALSE);
  g_string_free (text, TRUE);
  return NULL;
}

void
lodge_root_append_line (const char *line, gpointer text)
{
  g_string_append (text, line);
  g_string_append_c (text, '\n');
}

/* A module's file has dashes or underscores as its author liked. */
static char *
plain_module_name (const char *path)
{
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  const char *suffix = strstr (name, ".ko");

  if (suffix == NULL || (suffix[3] != '\0' && suffix[3] != '.'))
    return NULL;
  return g_strdelimit (g_strndup (name, (gsize)(suffix - name)), "_", '-');
}

gboolean
lodge_root_has_module (const char *list, const char *name)
{
  g_autofree char *wanted = g_strdelimit (g_strdup (name), "_", '-');
  g_auto (GStrv) lines = g_strsplit (list, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      g_autofree char *found = plain_module_name (*line);

      if (g_strcmp0 (found, wanted) == 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
lodge_root_check_initramfs (const LodgeBuild *build, const char *tree, const char *version,
                            GPtrArray *binds, const char *path, GError **error)
{
  g_autofree char *builtin_path
      = g_build_filename (LODGE_ROOT_MODULES, version, "modules.builtin", NULL);
  g_autofree char *builtin = lodge_tree_read (tree, builtin_path, error);
  g_autofree char *list
      = builtin != NULL ? read_inside (build, tree, binds, "lsinitrd", path, error) : NULL;
  char **driver = build->plan->template->initramfs_drivers;

  if (list == NULL)
    return FALSE;
  for (; *driver != NULL; driver++)
    if (!lodge_root_has_module (list, *driver) && !lodge_root_has_module (builtin, *driver))
      return lodge_error_set (error, LODGE_ERROR_FAILED,
                              "the initramfs of Linux %s lacks the driver %s", version, *driver);
  return lodge_root_check_processor (build->plan->template, version, list, error);
}

/* --- kernels --- */

static gboolean
check_kernel (const char *tree, const char *version, GError **error)
{
  g_autofree char *kernel = g_strconcat (KERNEL, version, NULL);

  if (!lodge_tree_has (tree, kernel))
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the root has modules of Linux %s, but no /%s", version, kernel);
  return lodge_root_check_modules (tree, version, error);
}

char **
lodge_root_kernels (const char *tree, GError **error)
{
  g_auto (GStrv) versions = lodge_tree_list (tree, LODGE_ROOT_MODULES, "");
  g_auto (GStrv) kernels = lodge_tree_list (tree, "boot", "vmlinuz-");

  for (char **kernel = kernels; *kernel != NULL; kernel++)
    {
      const char *version = *kernel + strlen ("vmlinuz-");

      if (!g_strv_contains ((const char *const *)versions, version))
        {
          lodge_error_set (
              error, LODGE_ERROR_FAILED,
              "the root has the kernel /boot/%s, but no modules of it in /" LODGE_ROOT_MODULES,
              *kernel);
          return NULL;
        }
    }
  if (versions[0] == NULL)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED, "the template's packages have no kernel");
      return NULL;
    }
  for (char **version = versions; *version != NULL; version++)
    if (!check_kernel (tree, *version, error))
      return NULL;
  return g_steal_pointer (&versions);
}

/* --- accounts --- */

gboolean
lodge_root_check_locked (const LodgeBuild *build, const char *tree, GError **error)
{
  /* Enterprise Linux's has mode 0: an ordinary user who builds cannot read it from outside. */
  g_autofree char *shadow = read_inside (build, tree, NULL, "cat", "/etc/shadow", error);
  g_auto (GStrv) lines = shadow != NULL ? g_strsplit (shadow, "\n", -1) : NULL;

  if (shadow == NULL)
    return FALSE;
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) fields = g_strsplit (*line, ":", 3);

      if (g_strv_length (fields) == 3 && fields[1][0] != '*' && fields[1][0] != '!')
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                "the packages left the account %s without a locked password",
                                fields[0]);
    }
  return TRUE;
}
