/* The build's hash.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/build-hash.h"

#include "builder/hash-inputs.h"
#include "builder/recipe.h"
#include "common/version.h"

static void
add_list (GChecksum *checksum, const char *name, const char *const *list)
{
  for (guint i = 0; list[i] != NULL; i++)
    lodge_hash_add_text (checksum, name, list[i]);
}

static void
add_number (GChecksum *checksum, const char *name, gint64 number)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, number);

  lodge_hash_add_text (checksum, name, text);
}

static void
add_template (GChecksum *checksum, const LodgeTemplate *template)
{
#define WORDS(list) ((const char *const *)(list))
  lodge_hash_add_text (checksum, "name", template->name);
  lodge_hash_add_text (checksum, "description", template->description); /* it is in the manifest */
  lodge_hash_add_text (checksum, "family", lodge_family_kind_name (template->family));
  lodge_hash_add_text (checksum, "release", template->release);
  lodge_hash_add_text (checksum, "os-name", template->os_name);
  add_list (checksum, "suite", WORDS (template->suites));
  add_list (checksum, "component", WORDS (template->components));
  add_list (checksum, "install", WORDS (template->install));
  lodge_hash_add_text (checksum, "kernel-command-line", template->kernel_command_line);
  add_list (checksum, "initramfs-driver", WORDS (template->initramfs_drivers));
  add_list (checksum, "enable", WORDS (template->enable));
  add_list (checksum, "disable", WORDS (template->disable));
  lodge_hash_add_text (checksum, "hostname", template->hostname);
#undef WORDS
}

static void
add_packages (GChecksum *checksum, const char *kind, const GPtrArray *packages)
{
  for (guint i = 0; i < packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (packages, i);

      lodge_hash_add_text (checksum, kind, package->name);
      lodge_hash_add_text (checksum, "version", package->version);
      lodge_hash_add_text (checksum, "architecture", package->architecture);
      lodge_hash_add_text (checksum, "sha256", package->sha256);
    }
}

static void
add_plan (GChecksum *checksum, const LodgeBuildPlan *plan)
{
  for (guint i = 0; i < LODGE_N_PARTITIONS; i++)
    {
      lodge_hash_add_text (checksum, "partition", plan->partitions[i].name);
      add_number (checksum, "start", (gint64)plan->partitions[i].start);
      add_number (checksum, "size", (gint64)plan->partitions[i].size);
    }
  lodge_hash_add_text (checksum, "ssh-keys", plan->ssh_keys);
  lodge_hash_add_text (checksum, "answers", plan->answers);
  lodge_hash_add_text (checksum, "root-password-hash", plan->options->root_password_hash);
}

static gboolean
add_sources (GChecksum *checksum, const LodgeBuild *build, GError **error)
{
  static const char *const directories[] = { "common", "firstboot" };
  const char *const *files = (const char *const *)build->plan->template->files_directories;

  for (guint i = 0; files[i] != NULL; i++)
    if (!lodge_hash_add_tree (checksum, files[i], error))
      return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *path = g_build_filename (build->source, directories[i], NULL);

      if (!lodge_hash_add_tree (checksum, path, error))
        return FALSE;
    }
  return TRUE;
}

char *
lodge_build_hash (const LodgeBuild *build, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  lodge_hash_add_text (checksum, "lodge", LODGE_VERSION);
  lodge_hash_add_text (checksum, "recipe", LODGE_BUILDER_RECIPE);
  lodge_hash_add_text (checksum, "root", build->root_key);
  add_number (checksum, "epoch", build->epoch);
  add_template (checksum, build->plan->template);
  add_packages (checksum, "package", build->packages);
  add_packages (checksum, "build-package", build->build_packages);
  lodge_hash_add_text (checksum, "firstboot-package", build->firstboot_sha256);
  add_plan (checksum, build->plan);
  if (!add_sources (checksum, build, error))
    return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}
