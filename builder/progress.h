/* Progress: a bar on a terminal, plain lines otherwise, JSON lines for programs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

typedef struct _LodgeProgress LodgeProgress;

typedef enum
{
  LODGE_PROGRESS_AUTO,  /* a bar when standard error is a terminal, else plain lines */
  LODGE_PROGRESS_JSON,  /* one JSON object a line on standard output */
  LODGE_PROGRESS_BAR,   /* one line that is drawn anew, whatever it is drawn on */
  LODGE_PROGRESS_PLAIN, /* a line when a step begins and one with its duration when it ends */
} LodgeProgressMode;

LodgeProgress *lodge_progress_new (LodgeProgressMode mode);
/* As above for the file descriptor FD, which stays the caller's. */
LodgeProgress *lodge_progress_new_for_fd (LodgeProgressMode mode, int fd);
/* A step that was not ended is shown as stopped. */
void lodge_progress_free (LodgeProgress *progress);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeProgress, lodge_progress_free)

/* Begins the step ID ("download"), shown as TITLE ("Download packages"); the step before it ends,
 * with its duration. May be called from any thread, as all functions here. */
void lodge_progress_step (LodgeProgress *progress, const char *id, const char *title);
/* DONE of TOTAL bytes (TOTAL 0: unknown) of the present step; shows ETA when it can be known. */
void lodge_progress_bytes (LodgeProgress *progress, guint64 done, guint64 total);
/* One line worth telling: "KVM does not work here (…); using emulation". */
void lodge_progress_note (LodgeProgress *progress, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Ends the last step. */
void lodge_progress_finish (LodgeProgress *progress);

/* For programs only: writes OBJECT (not owned) as one line with the member "event" set to EVENT;
 * nothing in the other modes. */
void lodge_progress_event (LodgeProgress *progress, const char *event, JsonObject *object);

/* Whether all lines for programs could be written; else ERROR is set.  For the end: what the
 * program that reads along has not read did not happen for it. */
gboolean lodge_progress_check (LodgeProgress *progress, GError **error);

/* Writes all of TEXT to FD.  Progress that cannot be shown (the reader is gone) must not stop the
 * work: errors are dropped. */
void lodge_progress_write (int fd, const char *text);
