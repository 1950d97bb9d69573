/* The table of distribution families.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/family.h"
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
