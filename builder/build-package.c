/* A package of lodge-firstboot: the list of what happens, in order.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/build-package.h"

#include "builder/build-session.h"
#include "builder/firstboot-package.h"
#include "common/file.h"

static gboolean
compile (const LodgeFamily *family, LodgeBuild *build, const char *programs, GError **error)
{
  lodge_progress_step (build->progress, "compile", "Compile lodge-firstboot");
  if (family->compile (build, programs, error))
    return TRUE;
  g_prefix_error (error, "compile lodge-firstboot: ");
  return FALSE;
}

/* DATA is the file's name. */
static gboolean
make_package (const LodgeFamily *family, LodgeBuild *build, gpointer data, GError **error)
{
  const char *file = data;
  g_autofree char *programs = g_build_filename (build->temporary, "programs", NULL);

  lodge_progress_step (build->progress, "packages", "Get the packages");
  if (!lodge_file_make_directory (programs, 0700, error) || !family->fetch (build, error)
      || !compile (family, build, programs, error)
      || !lodge_firstboot_package_write (build, programs, file, error))
    return FALSE;
  lodge_progress_finish (build->progress);
  return TRUE;
}

gboolean
lodge_build_package (const LodgeBuildPlan *plan, const LodgePaths *paths, const char *file,
                     LodgeProgress *progress, GCancellable *cancellable, GError **error)
{
  g_autoptr (LodgeBuild) build = lodge_build_new (plan, paths, progress);

  build->programs_only = TRUE;
  return lodge_build_session (build, cancellable, make_package, (gpointer)file, error);
}
