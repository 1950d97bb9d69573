/* Setup from answers to host: probe -> answers -> plan -> steps -> report.  The unattended mode
 * runs all of it; the wizard will put its own answers in the place of the sources'. Copyright (C)
 * 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/interrupt.h"
#include "firstboot/runner.h"
#include "firstboot/webhook.h"

/* Where the journal, the report and the mark of a finished setup are kept. */
#define LODGE_STATE_DIRECTORY "/var/lib/lodge"
/* Its presence keeps the service from starting; its text is the line that setup ended with. */
#define LODGE_COMPLETE_FILE "complete"
/* What it is called while the host is changed. */
#define LODGE_CHANGING_FILE "changing"

typedef enum
{
  LODGE_APPLY_COMPLETE,
  LODGE_APPLY_STOPPED,     /* the error says why */
  LODGE_APPLY_INTERRUPTED, /* the next run goes on */
  LODGE_APPLY_WAITING,     /* no source has answers */
  LODGE_APPLY_OFF,         /* lodge.answers=off */
} LodgeApplyOutcome;

typedef struct
{
  const char *answers;  /* path of answers.conf, or NULL: ask the sources */
  const char *disks;    /* FILE of the disks that a person confirmed (confirmed-disks.h), or NULL */
  gboolean reconfigure; /* change a host that is set up to `answers` */
  gboolean new_plan;    /* forget a recorded plan (begin.h) */
  /* A person was told that a check fails and what it means, and goes on.  Recorded with the plan
   * when it is KVM that fails, so that the run after a power cut goes on too. */
  gboolean without_kvm;
  /* What ends it early, or NULL.  Setup then goes on at the next boot, and so does a change, unless
   * it was given up by Ctrl-C: that ends as one whose step failed. */
  const LodgeInterrupt *interrupt;
  GCancellable *cancellable; /* the interrupt's */
  const LodgeWatcher *watcher;
} LodgeApplyOptions;

typedef struct
{
  LodgeApplyOutcome outcome;
  char *line;            /* what consoles, journal and login prompt are told */
  char *interface;       /* the bridge, when complete */
  char *address;         /* the bridge's address as it stands in `line`, or NULL */
  LodgeAnswers *answers; /* those that were found this time, or NULL */
  LodgeJournal *journal; /* or NULL */
  LodgeReport *report;   /* or NULL */
  gboolean again;        /* setup had been complete before: nothing was done */
} LodgeApplyResult;

void lodge_apply_result_clear (LodgeApplyResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LodgeApplyResult, lodge_apply_result_clear)

/* Sets the host up, or goes on with it.  The caller holds the lock (lock.h).  FALSE with ERROR set
 * when the outcome is LODGE_APPLY_STOPPED; RESULT is filled in any case. */
gboolean lodge_apply (const LodgeApplyOptions *options, LodgeApplyResult *result, GError **error);

/* The answers that count for what comes after (finish.h): those found, else those of the recorded
 * plan, else NULL.  Owned by RESULT. */
const LodgeAnswers *lodge_apply_answers (const LodgeApplyResult *result);

/* Tells the webhook of those answers, if they have one, of EVENT (webhook.h), and writes the report
 * with what came of it.  lodge_apply() tells
 * that setup started and that it is complete; that it failed is for the caller to tell, after the
 * person at the screen.  FALSE with ERROR set only when it was cancelled. */
gboolean lodge_apply_tell_webhook (const LodgeApplyResult *result, LodgeWebhookEvent event,
                                   const LodgeWatcher *watcher, GCancellable *cancellable,
                                   GError **error);

/* Stages shared with `plan`. */

/* The answers of FILE, or of the first source that has any (then *RESULT tells what was found), for
 * this host.  NULL without ERROR: there are none. */
LodgeAnswers *lodge_apply_find_answers (const char *root, const char *file,
                                        GCancellable *cancellable, const LodgeWatcher *watcher,
                                        gboolean *off, GError **error);

/* Refuses (LODGE_ERROR_FAILED) when a check has failed: the first sentence and its mend. */
gboolean lodge_apply_require_checks (const LodgeFacts *facts, GError **error);

/* The machine's id under ROOT, which plans' UUIDs are made from. */
char *lodge_apply_seed (const char *root, GError **error);
