/* What every kind of build has around it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/build-session.h"

#include "builder/build-inputs.h"
#include "builder/build-preflight.h"
#include "builder/cache.h"
#include "builder/interrupt.h"
#include "builder/remove.h"
#include "common/error.h"

typedef struct
{
  const LodgeFamily *family;
  LodgeBuild *build;
  LodgeBuildTask task;
  gpointer data;
} Session;

/* With the inputs copied into `temporary`, which take the place of what they were copied from. */
static gboolean
run_with_inputs (const Session *session, GError **error)
{
  LodgeBuild *build = session->build;
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
  done = session->task (session->family, build, session->data, &failure);
  build->plan = plan;
  lodge_build_inputs_name_originals (inputs, &failure);
  if (!done)
    g_propagate_error (error, failure);
  return done;
}

static gboolean
run (const Session *session, GError **error)
{
  LodgeBuild *build = session->build;
  g_autoptr (GError) left = NULL;
  gboolean done;

  if (!lodge_preflight_machine (build, error)
      || (!build->programs_only && !lodge_preflight_space (build, error))
      || !lodge_cache_open (build->cache, build->cancellable, build->progress, error))
    return FALSE;
  build->temporary = lodge_cache_make_temporary (build->cache, error);
  if (build->temporary == NULL)
    return FALSE;
  if (build->work == NULL)
    build->work = g_strdup (build->temporary);
  lodge_interrupt_clean (build->cancellable, build->temporary);
  done = run_with_inputs (session, error);
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
lodge_build_session (LodgeBuild *build, GCancellable *cancellable, LodgeBuildTask task,
                     gpointer data, GError **error)
{
  const LodgeTemplate *template = build->plan->template;
  const Session session = {
    .family = lodge_family_find (template->family), .build = build, .task = task, .data = data
  };
  gulong handler;
  gboolean done;

  if (session.family == NULL)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "this version of Lodge cannot build the family \"%s\" of the template "
                            "%s",
                            lodge_family_kind_name (template->family), template->name);
  build->interrupted = cancellable;
  lodge_interrupt_share (cancellable, build->cancellable);
  handler = g_cancellable_connect (cancellable, G_CALLBACK (pass_on), build->cancellable, NULL);
  done = run (&session, error);
  g_cancellable_disconnect (cancellable, handler);
  build->interrupted = NULL;
  return done;
}
