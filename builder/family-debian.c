/* The Debian family: what a build needs, fetched.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/family-debian.h"

#include "builder/apt.h"
#include "builder/cache.h"
#include "builder/compile.h"
#include "builder/debian-tree.h"
#include "builder/debian-unpack.h"
#include "builder/root-cache.h"

/* Moves all elements of FROM to the end of TO. */
static void
move_all (GPtrArray *to, GPtrArray *from)
{
  for (guint i = 0; i < from->len; i++)
    g_ptr_array_add (to, g_ptr_array_index (from, i));
  g_ptr_array_set_free_func (from, NULL);
}

static gboolean
resolve (LodgeBuild *build, LodgeApt *apt, GError **error)
{
  const LodgeTemplate *template = build->plan->template;
  g_autoptr (GPtrArray) packages = NULL;
  g_autoptr (GPtrArray) build_packages = NULL;

  if (!build->programs_only)
    {
      packages = lodge_apt_resolve (apt, (const char *const *)template->install, error);
      if (packages == NULL)
        return FALSE;
      move_all (build->packages, packages);
    }
  if (build->plan->options->firstboot != NULL)
    return TRUE;
  build_packages = lodge_apt_resolve (apt, (const char *const *)template->build_depends, error);
  if (build_packages == NULL)
    {
      g_prefix_error (error, "what compiling lodge-firstboot needs: ");
      return FALSE;
    }
  move_all (build->build_packages, build_packages);
  return TRUE;
}

static void
add_wanted (GPtrArray *wanted, GHashTable *seen, const GPtrArray *packages)
{
  for (guint i = 0; i < packages->len; i++)
    {
      LodgePackage *package = g_ptr_array_index (packages, i);

      if (g_hash_table_add (seen, package->sha256))
        g_ptr_array_add (wanted, package);
    }
}

/* What is cached needs no packages: they are neither downloaded nor checked. */
static gboolean
find_wanted (LodgeBuild *build, const char *sources, GPtrArray *wanted, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint64 size = build->plan->partitions[LODGE_PARTITION_ROOT].size;
  g_autofree char *root = NULL;

  if (!lodge_compile_needs_packages (build, &build->makes_compiler, error))
    return FALSE;
  if (build->makes_compiler)
    add_wanted (wanted, seen, build->build_packages);
  if (build->programs_only)
    return TRUE;
  build->root_key = lodge_debian_root_key (build, size, sources, error);
  if (build->root_key == NULL)
    return FALSE;
  root = lodge_root_cache_find (build, build->root_key);
  build->makes_root = root == NULL;
  if (build->makes_root)
    add_wanted (wanted, seen, build->packages);
  return TRUE;
}

static gboolean
set_epoch (LodgeBuild *build, const LodgeApt *apt, GError **error)
{
  build->epoch = build->plan->options->source_date_epoch;
  return build->epoch >= 0 || lodge_apt_release_date (apt, &build->epoch, error);
}

static gboolean
fetch (LodgeBuild *build, LodgeApt *apt, GError **error)
{
  g_autoptr (GPtrArray) wanted = g_ptr_array_new ();
  g_autoptr (LodgeAptOrder) order = NULL;
  g_autofree char *sources = lodge_apt_image_sources (apt);

  if (!lodge_apt_update (apt, error) || !set_epoch (build, apt, error)
      || !resolve (build, apt, error) || !find_wanted (build, sources, wanted, error))
    return FALSE;
  if (build->makes_root)
    {
      order = lodge_apt_order (apt, (const char *const *)build->plan->template->install, error);
      if (order == NULL)
        return FALSE;
    }
  return lodge_debian_plan_save (build->work, order, sources, error)
         && lodge_apt_download (apt, wanted, error);
}

gboolean
lodge_debian_fetch (LodgeBuild *build, GError **error)
{
  g_autoptr (LodgeApt) apt = lodge_apt_open (build, error);

  return apt != NULL && fetch (build, apt, error);
}

static gboolean
unpack (LodgeBuild *build, const char *path, const char *directory, GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();

  g_ptr_array_add (paths, (gpointer)path);
  return lodge_debian_unpack (build, paths, directory, error);
}

gboolean
lodge_debian_compile (LodgeBuild *build, const char *directory, GError **error)
{
  /* It has the links of the merged /usr, through which the others are unpacked. */
  static const char *const first[] = { "base-files", NULL };

  return lodge_compile (build, first, unpack, directory, error);
}
