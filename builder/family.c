/* The table of distribution families.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/family.h"

#include <string.h>

#include "builder/cache.h"
#include "builder/family-debian.h"
#include "builder/family-el.h"

static const LodgeFamily families[] = {
  { LODGE_FAMILY_DEBIAN, "debian", lodge_debian_fetch, lodge_debian_make_root,
    lodge_debian_compile },
  { LODGE_FAMILY_EL, "el", lodge_el_fetch, lodge_el_make_root, lodge_el_compile },
};

const LodgeFamily *
lodge_family_find (LodgeFamilyKind kind)
{
  for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
    if (families[i].kind == kind)
      return &families[i];
  return NULL;
}

void
lodge_package_free (LodgePackage *package)
{
  if (package == NULL)
    return;
  g_free (package->name);
  g_free (package->version);
  g_free (package->architecture);
  g_free (package->sha256);
  g_free (package->uri);
  g_free (package->repository);
  g_free (package->location);
  g_free (package);
}

static void
package_free (gpointer data)
{
  lodge_package_free (data);
}

void
lodge_build_free (LodgeBuild *build)
{
  if (build == NULL)
    return;
  g_free (build->work);
  g_free (build->temporary);
  g_free (build->cache);
  g_free (build->source);
  g_free (build->helper);
  g_free (build->root_key);
  g_free (build->firstboot_sha256);
  g_free (build->build_hash);
  g_ptr_array_unref (build->packages);
  g_ptr_array_unref (build->build_packages);
  g_object_unref (build->cancellable);
  g_free (build);
}

LodgeBuild *
lodge_build_new (const LodgeBuildPlan *plan, const LodgePaths *paths, LodgeProgress *progress)
{
  LodgeBuild *build = g_new0 (LodgeBuild, 1);

  build->plan = plan;
  build->progress = progress;
  build->cancellable = g_cancellable_new ();
  build->cache = lodge_paths_cache (plan->options->cache);
  build->source = g_strdup (paths->source);
  build->helper = g_strdup (paths->helper);
  build->packages = g_ptr_array_new_with_free_func (package_free);
  build->build_packages = g_ptr_array_new_with_free_func (package_free);
  return build;
}

static const char *
package_suffix (LodgeFamilyKind family)
{
  return family == LODGE_FAMILY_EL ? "rpm" : "deb";
}

char *
lodge_package_file_name (const LodgePackage *package, LodgeFamilyKind family)
{
  /* Files' names have no epoch. */
  const char *colon = strchr (package->version, ':');
  const char *version = colon != NULL ? colon + 1 : package->version;

  return g_strdup_printf (family == LODGE_FAMILY_EL ? "%s-%s.%s.rpm" : "%s_%s_%s.deb",
                          package->name, version, package->architecture);
}

char *
lodge_package_path (const LodgeBuild *build, const LodgePackage *package)
{
  return lodge_cache_package_path (build->cache, package->sha256,
                                   package_suffix (build->plan->template->family));
}

static void
name_those_of (const LodgeBuild *build, const GPtrArray *packages, GError *error)
{
  for (guint i = 0; i < packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (packages, i);
      g_autofree char *path = NULL;
      g_autofree char *name = NULL;
      g_auto (GStrv) parts = NULL;

      if (strstr (error->message, package->sha256) == NULL)
        continue;
      path = lodge_package_path (build, package);
      name = lodge_package_file_name (package, build->plan->template->family);
      parts = g_strsplit (error->message, path, -1);
      g_free (error->message);
      error->message = g_strjoinv (name, parts);
    }
}

void
lodge_package_name_in_error (const LodgeBuild *build, GError *error)
{
  if (error == NULL)
    return;
  name_those_of (build, build->packages, error);
  name_those_of (build, build->build_packages, error);
}
