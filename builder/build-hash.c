/* The build's hash.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/build-hash.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/error.h"
#include "common/version.h"

enum
{
  FILE_LIMIT = 256 * 1024 * 1024, /* bytes; a template's file that is larger is a mistake */
};

/* Each value goes in with its name and length, so that no two different builds give the same bytes.
 */
static void
add_bytes (GChecksum *checksum, const char *name, const void *data, gsize length)
{
  guint64 size = GUINT64_TO_LE ((guint64)length);

  g_checksum_update (checksum, (const guchar *)name, (gssize)strlen (name) + 1);
  g_checksum_update (checksum, (const guchar *)&size, sizeof size);
  g_checksum_update (checksum, data, (gssize)length);
}

static void
add_text (GChecksum *checksum, const char *name, const char *text)
{
  if (text != NULL)
    add_bytes (checksum, name, text, strlen (text));
}

static void
add_list (GChecksum *checksum, const char *name, const char *const *list)
{
  for (guint i = 0; list[i] != NULL; i++)
    add_text (checksum, name, list[i]);
}

static void
add_number (GChecksum *checksum, const char *name, gint64 number)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, number);

  add_text (checksum, name, text);
}

static void
add_template (GChecksum *checksum, const LodgeTemplate *template)
{
#define WORDS(list) ((const char *const *)(list))
  add_text (checksum, "name", template->name);
  add_text (checksum, "family", lodge_family_kind_name (template->family));
  add_text (checksum, "release", template->release);
  add_text (checksum, "os-name", template->os_name);
  add_list (checksum, "suite", WORDS (template->suites));
  add_list (checksum, "component", WORDS (template->components));
  add_list (checksum, "install", WORDS (template->install));
  add_text (checksum, "kernel-command-line", template->kernel_command_line);
  add_list (checksum, "initramfs-driver", WORDS (template->initramfs_drivers));
  add_list (checksum, "enable", WORDS (template->enable));
  add_list (checksum, "disable", WORDS (template->disable));
  add_text (checksum, "hostname", template->hostname);
#undef WORDS
}

static void
add_packages (GChecksum *checksum, const char *kind, const GPtrArray *packages)
{
  for (guint i = 0; i < packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (packages, i);

      add_text (checksum, kind, package->name);
      add_text (checksum, "version", package->version);
      add_text (checksum, "architecture", package->architecture);
      add_text (checksum, "sha256", package->sha256);
    }
}

static void
add_plan (GChecksum *checksum, const LodgeBuildPlan *plan)
{
  for (guint i = 0; i < LODGE_N_PARTITIONS; i++)
    {
      add_text (checksum, "partition", plan->partitions[i].name);
      add_number (checksum, "start", (gint64)plan->partitions[i].start);
      add_number (checksum, "size", (gint64)plan->partitions[i].size);
    }
  add_text (checksum, "ssh-keys", plan->ssh_keys);
  add_text (checksum, "answers", plan->answers);
  add_text (checksum, "root-password-hash", plan->options->root_password_hash);
  add_number (checksum, "epoch", plan->options->source_date_epoch);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
list_directory (const char *path, GError **error)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (directory == NULL)
    return NULL;
  while ((name = g_dir_read_name (directory)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

/* NAME is the path below the tree's top, "" for the top itself. */
static gboolean
add_tree (GChecksum *checksum, const char *path, const char *name, GError **error)
{
  struct stat status;

  if (lstat (path, &status) != 0)
    return lodge_error_set_errno (error, errno, "look at %s", path);
  add_text (checksum, "path", name);
  if (S_ISDIR (status.st_mode))
    {
      g_autoptr (GPtrArray) names = list_directory (path, error);

      for (guint i = 0; names != NULL && i < names->len; i++)
        {
          const char *child = g_ptr_array_index (names, i);
          g_autofree char *child_path = g_build_filename (path, child, NULL);
          g_autofree char *child_name = g_strconcat (name, "/", child, NULL);

          if (!add_tree (checksum, child_path, child_name, error))
            return FALSE;
        }
      return names != NULL;
    }
  if (S_ISLNK (status.st_mode))
    {
      g_autofree char *target = g_file_read_link (path, error);

      add_text (checksum, "link", target);
      return target != NULL;
    }
  if (!S_ISREG (status.st_mode) || status.st_size > FILE_LIMIT)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "%s is neither a directory, a link nor a file below %d MiB; remove it",
                            path, FILE_LIMIT / 1024 / 1024);

  g_autofree char *content = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &content, &length, error))
    return FALSE;
  add_bytes (checksum, (status.st_mode & S_IXUSR) != 0 ? "program" : "file", content, length);
  return TRUE;
}

static gboolean
add_sources (GChecksum *checksum, const LodgeBuild *build, GError **error)
{
  static const char *const directories[] = { "common", "firstboot" };
  const char *const *files = (const char *const *)build->plan->template->files_directories;

  for (guint i = 0; files[i] != NULL; i++)
    if (!add_tree (checksum, files[i], "", error))
      return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *path = g_build_filename (build->source, directories[i], NULL);

      if (!add_tree (checksum, path, "", error))
        return FALSE;
    }
  return TRUE;
}

char *
lodge_build_hash (const LodgeBuild *build, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  add_text (checksum, "lodge", LODGE_VERSION);
  add_template (checksum, build->plan->template);
  add_packages (checksum, "package", build->packages);
  add_packages (checksum, "build-package", build->build_packages);
  add_plan (checksum, build->plan);
  if (!add_sources (checksum, build, error))
    return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}
