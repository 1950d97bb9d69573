/* Steps: the only code of lodge-firstboot that writes.  One file a step, one row in step.c's table.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A step is idempotent: run again after a power cut at any instant it either finds its work done or
 * does it anew.  The journal (journal.h) is written and fsynced before and after each.
 */
#pragma once

#include <json-glib/json-glib.h>
#include <gio/gio.h>
#include "firstboot/plan.h"

typedef struct
{
  const LodgePlan *plan;
  GCancellable *cancellable;
  JsonObject *measured; /* the step's own object in report.json: it may add members */
  /* Called with one short line when something worth telling happens; never NULL. */
  void (*tell) (const char *line, gpointer data);
  gpointer tell_data;
  /* TRUE when the journal says that an earlier run began this step and did not finish it: what the
   * step finds half-made with the plan's own UUIDs on the plan's own disk is then its own. */
  gboolean resumed;
  /* Prefix of the files that a step writes: "" on a host.  Elsewhere (tests) the steps that can
   * work there write below it and leave the running system alone. */
  const char *root;
} LodgeStepContext;

typedef struct
{
  const char *id;    /* stable, lower-case-dashed: "storage" */
  const char *title; /* "Prepare the VM storage" */
  gboolean (*run) (LodgeStepContext *context, GError **error);
} LodgeStep;

/* The one numbering of steps, for consoles, screens, reports and the manual: answers, check and
 * plan come before the table's first step. */
#define LODGE_STEP_ANSWERS 0
#define LODGE_STEP_CHECK 1
#define LODGE_STEP_PLAN 2
#define LODGE_STEP_FIRST 3

/* In the order of execution; `count` receives their number. */
const LodgeStep *lodge_steps (gsize *count);

/* The number of the last. */
guint lodge_step_last (void);

/* What the step ID does, answers, check and plan too, translated; ID when there is no such step. */
const char *lodge_step_title (const char *id);

/* Each of these is one file, step-ID.c. */
gboolean lodge_step_host (LodgeStepContext *context,
                          GError **error); /* name, time zone, keyboard, language, ntp */
gboolean lodge_step_access (LodgeStepContext *context,
                            GError **error); /* root password hash, SSH keys */
gboolean lodge_step_storage (LodgeStepContext *context,
                             GError **error); /* the layout's function, layout.h */
gboolean lodge_step_network (LodgeStepContext *context,
                             GError **error); /* bridge in one NetworkManager checkpoint */
gboolean lodge_step_libvirt (LodgeStepContext *context, GError **error); /* daemons, capabilities */
gboolean lodge_step_guests (LodgeStepContext *context,
                            GError **error); /* what is saved on the VM storage: taken, kept */
gboolean lodge_step_pool (LodgeStepContext *context, GError **error); /* storage pool "default" */
gboolean lodge_step_guest_networks (LodgeStepContext *context,
                                    GError **error); /* networks "bridge" and "default" */
gboolean lodge_step_proof (LodgeStepContext *context, GError **error); /* the throw-away guest */
