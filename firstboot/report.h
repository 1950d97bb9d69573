/* report.json: what was found, planned, done and measured, for people and programs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Kept beside the journal, replaced whole after every step, and without secrets (0644).  The
 * journal decides what is done; the report only tells, so losing it costs nothing but the telling.
 */
#pragma once

#include "firstboot/journal.h"

typedef struct _LodgeReport LodgeReport;

/* The report under DIRECTORY.  The members of steps that an earlier run finished are taken over
 * from the report it left; a report that cannot be read is begun anew. */
LodgeReport *lodge_report_open (const char *directory);
void lodge_report_free (LodgeReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeReport, lodge_report_free)

/* Whether a run that began before this one goes on. */
void lodge_report_set_resumed (LodgeReport *report, gboolean resumed);

/* What the machine is, before everything else is known of it. */
void lodge_report_set_host (LodgeReport *report, const LodgeHost *host);
void lodge_report_set_facts (LodgeReport *report, const LodgeFacts *facts);
void lodge_report_set_plan (LodgeReport *report, const LodgePlan *plan);

/* STEP's row: its state and, when it ended, its duration (-1: none), why it failed (or NULL) and
 * what it measured (or NULL; a new reference is taken). */
void lodge_report_set_step (LodgeReport *report, guint number, const LodgeStep *step,
                            LodgeStepState state, gint64 milliseconds, const char *message,
                            JsonObject *measured);

/* What STEP measured, or NULL.  Owned by the report. */
JsonObject *lodge_report_measured (const LodgeReport *report, const char *step);

/* How setup stands: OUTCOME is "running", "complete", "stopped", "interrupted" or "waiting" (for
 * answers), LINE what the consoles were told.  STEP (or NULL) is where it stopped, NUMBER its
 * number, REASON why. */
void lodge_report_set_outcome (LodgeReport *report, const char *outcome, const char *line,
                               guint number, const char *step, const char *reason);

/* What the steps in the report under DIRECTORY could not do, and did not stop for: one sentence
 * each, of char *; empty, never NULL, when there is none or no report. */
GPtrArray *lodge_report_warnings (const char *directory);

/* The whole report; owned by it. */
JsonObject *lodge_report_object (const LodgeReport *report);

gboolean lodge_report_write (LodgeReport *report, GError **error);

/* How setup stood when the report under DIRECTORY was written last (OUTCOME and LINE as above; free
 * with g_free); FALSE when there is none that can be read. */
gboolean lodge_report_last (const char *directory, char **outcome, char **line);

/* OBJECT as indented JSON text with a trailing newline; free with g_free. */
char *lodge_report_format (JsonObject *object);
