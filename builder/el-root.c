/* The root file system of an RPM distribution's image.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/el-tree.h"
#include "builder/ext4.h"
#include "builder/family-el.h"
#include "builder/hash-inputs.h"
#include "builder/recipe.h"
#include "builder/root-cache.h"
#include "builder/root-processor.h"
#include "common/error.h"
#include "common/version.h"

static void
add_list (GChecksum *checksum, const char *name, char **list)
{
  for (; *list != NULL; list++)
    lodge_hash_add_text (checksum, name, *list);
}

char *
lodge_el_root_key (const LodgeBuild *build, guint64 size, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const LodgeTemplate *template = build->plan->template;
  g_autofree char *size_text = g_strdup_printf ("%" G_GUINT64_FORMAT, size);
  g_autofree char *epoch = g_strdup_printf ("%" G_GINT64_FORMAT, build->epoch);

  lodge_hash_add_text (checksum, "family", "el");
  /* Another version of this program, or of the code that makes roots, makes another root. */
  lodge_hash_add_text (checksum, "lodge", LODGE_VERSION);
  lodge_hash_add_text (checksum, "recipe", LODGE_ROOT_RECIPE);
  lodge_hash_add_text (checksum, "size", size_text);
  lodge_hash_add_text (checksum, "epoch", epoch);
  lodge_hash_add_text (checksum, "hostname", template->hostname);
  lodge_hash_add_text (checksum, "database", template->rpm_database);
  lodge_hash_add_text (checksum, "command-line", template->kernel_command_line);
  /* Who is trusted: a root that a key let in which counts no more is not taken. */
  add_list (checksum, "fingerprint", template->fingerprints);
  add_list (checksum, "install", template->install);
  add_list (checksum, "driver", template->initramfs_drivers);
  add_list (checksum, "enable", template->enable);
  add_list (checksum, "disable", template->disable);
  for (guint i = 0; i < build->packages->len; i++)
    lodge_hash_add_text (checksum, "package",
                         ((LodgePackage *)g_ptr_array_index (build->packages, i))->sha256);
  if (!lodge_el_hash_early_files (checksum, template, error)
      || !lodge_root_hash_processor (checksum, build, error))
    return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}

/* A machine id of 32 digits (machine-id(5)). */
static char *
make_machine_id (const char *key)
{
  g_autofree char *uuid = lodge_build_uuid (key, "machine-id");
  g_auto (GStrv) parts = g_strsplit (uuid, "-", -1);

  return g_strjoinv ("", parts);
}

static gboolean
make_new (LodgeBuild *build, const LodgeExt4 *ext4, GError **error)
{
  g_autofree char *title = g_strdup_printf ("Install %u packages", build->packages->len);
  g_autofree char *hash_seed = lodge_build_uuid (build->root_key, "hash-seed");
  g_autofree char *machine_id = make_machine_id (build->root_key);
  g_autofree char *uuid = lodge_build_uuid (build->root_key, "filesystem-root");
  LodgeExt4 common = *ext4;
  g_autoptr (LodgeElTree) tree = lodge_el_tree_new (build, error);

  if (tree == NULL)
    return FALSE;
  /* With another UUID than the image's: a root that is made now and one from the cache shall be the
   * same, to the last block. */
  common.uuid = uuid;
  /* dnf and rpm keep one processor busy, and take about as long. */
  lodge_disk_writer_launch (build->writer);
  lodge_progress_step (build->progress, "install", title);
  if (!lodge_el_prepare (tree, uuid, machine_id, error) || !lodge_el_install (tree, error)
      || !lodge_el_finish (tree, uuid, error))
    return FALSE;
  lodge_progress_step (build->progress, "filesystem", "Make the root file system");
  return lodge_ext4_make (&common, tree->path, hash_seed, build->helper, build->work,
                          build->cancellable, error);
}

gboolean
lodge_el_make_root (LodgeBuild *build, const char *image, guint64 offset, guint64 size,
                    const char *uuid, GError **error)
{
  LodgeExt4 ext4 = { .file = image,
                     .offset = offset,
                     .size = size,
                     .uuid = uuid,
                     .label = "lodge-root",
                     .epoch = build->epoch };
  g_autofree char *cached = lodge_root_cache_find (build, build->root_key);

  if (cached != NULL)
    return lodge_root_cache_use (build, cached, &ext4, error);
  if (!build->makes_root)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the root file system was in the cache %s and is there no more; is "
                            "something else emptying it?  Try again",
                            build->cache);
  if (!make_new (build, &ext4, error))
    return FALSE;
  lodge_root_cache_copy (build, &ext4);
  return lodge_root_cache_make_own (build, &ext4, error);
}
