/* The key of a cached root: one number for everything that it is made from.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/debian-tree.h"
#include "builder/hash-inputs.h"
#include "builder/recipe.h"
#include "builder/root-processor.h"
#include "common/version.h"

static void
add_list (GChecksum *checksum, const char *name, char **list)
{
  for (; *list != NULL; list++)
    lodge_hash_add_text (checksum, name, *list);
}

char *
lodge_debian_root_key (const LodgeBuild *build, guint64 size, const char *sources, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const LodgeTemplate *template = build->plan->template;
  g_autofree char *size_text = g_strdup_printf ("%" G_GUINT64_FORMAT, size);
  g_autofree char *epoch = g_strdup_printf ("%" G_GINT64_FORMAT, build->epoch);

  /* Another version of this program, or of the code that makes roots, makes another root. */
  lodge_hash_add_text (checksum, "lodge", LODGE_VERSION);
  lodge_hash_add_text (checksum, "recipe", LODGE_ROOT_RECIPE);
  lodge_hash_add_text (checksum, "size", size_text);
  lodge_hash_add_text (checksum, "epoch", epoch);
  lodge_hash_add_text (checksum, "sources", sources);
  lodge_hash_add_text (checksum, "hostname", template->hostname);
  add_list (checksum, "driver", template->initramfs_drivers);
  add_list (checksum, "enable", template->enable);
  add_list (checksum, "disable", template->disable);
  for (guint i = 0; i < build->packages->len; i++)
    lodge_hash_add_text (checksum, "package",
                         ((LodgePackage *)g_ptr_array_index (build->packages, i))->sha256);
  if (!lodge_debian_hash_early_files (checksum, template, error)
      || !lodge_root_hash_processor (checksum, build, error))
    return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}
