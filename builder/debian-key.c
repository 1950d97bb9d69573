/* Keys of what is cached: one number for everything that it is made from.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/debian-tree.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/error.h"

/* To be raised whenever the way in which roots (debian-*.c, ext4.c) or programs (compile.c) are
 * made changes: what is cached is then made anew. */
#define ROOT_RECIPE "1"
#define PROGRAMS_RECIPE "1"

/* With its name and length, so that no two different inputs give the same bytes. */
static void
add (GChecksum *checksum, const char *name, const char *text, gsize length)
{
  guint64 size = GUINT64_TO_LE ((guint64)length);

  g_checksum_update (checksum, (const guchar *)name, (gssize)strlen (name) + 1);
  g_checksum_update (checksum, (const guchar *)&size, sizeof size);
  g_checksum_update (checksum, (const guchar *)text, (gssize)length);
}

static void
add_text (GChecksum *checksum, const char *name, const char *text)
{
  add (checksum, name, text, strlen (text));
}

static void
add_list (GChecksum *checksum, const char *name, char **list)
{
  for (; *list != NULL; list++)
    add_text (checksum, name, *list);
}

static void
add_packages (GChecksum *checksum, const GPtrArray *packages)
{
  for (guint i = 0; i < packages->len; i++)
    add_text (checksum, "package", ((LodgePackage *)g_ptr_array_index (packages, i))->sha256);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The names in a directory, sorted. */
static GPtrArray *
list_names (const char *path, GError **error)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, error);
  GPtrArray *names;
  const char *name;

  if (directory == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (directory)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

static gboolean
is_wanted (const char *path, const char *const *prefixes)
{
  for (; prefixes != NULL && *prefixes != NULL; prefixes++)
    if (g_str_has_prefix (path, *prefixes))
      return TRUE;
  return prefixes == NULL;
}

static gboolean
add_leaf (GChecksum *checksum, const char *full, const char *path, mode_t mode, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;

  if (S_ISLNK (mode))
    {
      text = g_file_read_link (full, error);
      length = text != NULL ? strlen (text) : 0;
    }
  else if (S_ISREG (mode))
    g_file_get_contents (full, &text, &length, error);
  else
    return TRUE;
  if (text == NULL)
    return FALSE;
  add_text (checksum, S_ISLNK (mode) ? "link" : (mode & S_IXUSR) != 0 ? "program" : "file", path);
  add (checksum, "content", text, length);
  return TRUE;
}

/* All below TOP whose path begins with one of PREFIXES (NULL: all); PATH is "" for the top. */
static gboolean
add_tree (GChecksum *checksum, const char *top, const char *path, const char *const *prefixes,
          GError **error)
{
  g_autofree char *directory = g_build_filename (top, path, NULL);
  g_autoptr (GPtrArray) names = list_names (directory, error);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *child
          = *path != '\0' ? g_strconcat (path, "/", name, NULL) : g_strdup (name);
      g_autofree char *full = g_build_filename (top, child, NULL);
      struct stat status;

      if (lstat (full, &status) != 0)
        return lodge_error_set_errno (error, errno, "look at %s", full);
      if (S_ISDIR (status.st_mode)
              ? !add_tree (checksum, top, child, prefixes, error)
              : is_wanted (child, prefixes)
                    && !add_leaf (checksum, full, child, status.st_mode, error))
        return FALSE;
    }
  return names != NULL;
}

char *
lodge_debian_root_key (const LodgeBuild *build, guint64 size, const char *sources, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const LodgeTemplate *template = build->plan->template;
  g_autofree char *size_text = g_strdup_printf ("%" G_GUINT64_FORMAT, size);

  add_text (checksum, "recipe", ROOT_RECIPE);
  add_text (checksum, "size", size_text);
  add_text (checksum, "sources", sources);
  add_text (checksum, "hostname", template->hostname);
  add_text (checksum, "command-line", template->kernel_command_line);
  add_list (checksum, "driver", template->initramfs_drivers);
  add_list (checksum, "enable", template->enable);
  add_list (checksum, "disable", template->disable);
  add_packages (checksum, build->packages);
  for (char **directory = template->files_directories; *directory != NULL; directory++)
    if (!add_tree (checksum, *directory, "", lodge_debian_early_paths (), error))
      return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}

char *
lodge_debian_toolchain_key (const LodgeBuild *build)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  add_text (checksum, "recipe", PROGRAMS_RECIPE);
  add_packages (checksum, build->build_packages);
  return g_strdup (g_checksum_get_string (checksum));
}

char *
lodge_debian_programs_key (const LodgeBuild *build, GError **error)
{
  static const char *const parts[] = { "common/", "firstboot/", "Makefile", NULL };
  static const char *const directories[] = { "common", "firstboot", NULL };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *toolchain = lodge_debian_toolchain_key (build);
  g_autofree char *makefile = g_build_filename (build->source, "Makefile", NULL);

  add_text (checksum, "toolchain", toolchain);
  for (const char *const *directory = directories; *directory != NULL; directory++)
    if (!add_tree (checksum, build->source, *directory, parts, error))
      return NULL;
  if (!add_leaf (checksum, makefile, "Makefile", S_IFREG, error))
    return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}
