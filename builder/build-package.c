/* A package of lodge-firstboot: the list of what happens, in order.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/build-package.h"

#include "builder/build-inputs.h"
#include "builder/build-preflight.h"
#include "builder/cache.h"
#include "builder/firstboot-package.h"
#include "builder/interrupt.h"
#include "builder/remove.h"
#include "common/error.h"
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

/* With BUILD's inputs being a copy of what they are. */
static gboolean
make (const LodgeFamily *family, LodgeBuild *build, const char *file, GError **error)
{
  g_autofree char *programs = g_build_filename (build->temporary, "programs", NULL);

  lodge_progress_step (build->progress, "packages", "Get the packages");
  if (!lodge_file_make_directory (programs, 0700, error) || !family->fetch (build, error)
      || !compile (family, build, programs, error)
      || !lodge_firstboot_package_write (build, programs, file, error))
    return FALSE;
  lodge_progress_finish (build->progress);
  return TRUE;
}

static gboolean
make_from_copy (const LodgeFamily *family, LodgeBuild *build, const char *file, GError **error)
{
  const LodgeBuildPlan *plan = build->plan;
  g_autoptr (LodgeBuildInputs) inputs
      = lodge_build_inputs_take (plan, build->source, build->temporary, error);
  GError *failure = NULL;
  gboolean done;

  if (inputs == NULL)
    return FALSE;
  build->plan = &inputs->plan;
  g_free (build->source);
  build->source = g_strdup (inputs->source);
  done = make (family, build, file, &failure);
  build->plan = plan;
  lodge_build_inputs_name_originals (inputs, &failure);
  if (!done)
    g_propagate_error (error, failure);
  return done;
}

static gboolean
run (const LodgeFamily *family, LodgeBuild *build, const char *file, GError **error)
{
  g_autoptr (GError) left = NULL;
  gboolean done;

  if (!lodge_preflight_machine (build, error)
      || !lodge_cache_open (build->cache, build->cancellable, build->progress, error))
    return FALSE;
  build->temporary = lodge_cache_make_temporary (build->cache, error);
  if (build->temporary == NULL)
    return FALSE;
  build->work = g_strdup (build->temporary);
  lodge_interrupt_clean (build->cancellable, build->temporary);
  done = make_from_copy (family, build, file, error);
  if (!lodge_remove_tree (build->temporary, &left))
    lodge_progress_note (build->progress, "something is left behind: %s", left->message);
  lodge_interrupt_keep (build->cancellable, build->temporary);
  return done;
}

static void
pass_on (GCancellable *cancellable, gpointer data)
{
  (void)cancellable;
  g_cancellable_cancel (data);
}

gboolean
lodge_build_package (const LodgeBuildPlan *plan, const LodgePaths *paths, const char *file,
                     LodgeProgress *progress, GCancellable *cancellable, GError **error)
{
  const LodgeFamily *family = lodge_family_find (plan->template->family);
  g_autoptr (LodgeBuild) build = NULL;
  gulong handler;
  gboolean done;

  if (family == NULL)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "this version of Lodge cannot build the family \"%s\" of the template "
                            "%s",
                            lodge_family_kind_name (plan->template->family), plan->template->name);
  build = lodge_build_new (plan, paths, progress);
  build->programs_only = TRUE;
  lodge_interrupt_share (cancellable, build->cancellable);
  handler = g_cancellable_connect (cancellable, G_CALLBACK (pass_on), build->cancellable, NULL);
  done = run (family, build, file, error);
  g_cancellable_disconnect (cancellable, handler);
  return done;
}
