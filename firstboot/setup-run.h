/* `lodge-firstboot apply` as a process of its own that a screen follows by its words.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Of its own, so that a serial line that hangs up, a terminal that is closed or a wizard that is
 * taken over by another console never stops a setup half-way; and so that the screen goes on living
 * while a step blocks in a foreign library.  The words go to a file in RUNTIME, which any console
 * can follow.
 */
#pragma once

#include <gio/gio.h>

typedef struct
{
  guint number;
  char *id;
  char *title;
  char *state;   /* "started", "done", "failed" */
  char *seconds; /* "1.2", or NULL */
} LodgeSetupStep;

typedef enum
{
  LODGE_SETUP_RUNNING,
  LODGE_SETUP_COMPLETE,
  LODGE_SETUP_STOPPED,
} LodgeSetupState;

typedef struct
{
  LodgeSetupState state;
  GPtrArray *steps; /* of LodgeSetupStep, those that began */
  guint last;       /* number of the last step, 0 when not known yet */
  char *word;       /* the latest line of the running step, or NULL */
  char *line;   /* how it ended, "lodge: setup …", or NULL; it may run on, to tell a webhook */
  char *step;   /* the id of the step that it stopped at, or NULL */
  char *reason; /* why it stopped, or NULL */

  /* private */
  LodgeSetupState outcome; /* what its last line says; `state` becomes it when the process ends */
  char *log;
  goffset read;
  GString *rest;
  GPid child;
  gboolean spawned;
} LodgeSetup;

typedef struct
{
  const char *program;  /* lodge-firstboot */
  const char *runtime;  /* where the answers are kept (0600), and its words */
  gboolean without_kvm; /* although a check has failed */
  gboolean reconfigure; /* a host that is set up is changed */
  const char *disks;    /* those that were confirmed (confirmed-disks.h), or NULL */
} LodgeSetupOptions;

/* Starts `PROGRAM apply' with the answers TEXT. */
LodgeSetup *lodge_setup_start (const LodgeSetupOptions *options, const char *text, GError **error);

/* Removes what the latest one was given from RUNTIME: the answers hold a password's hash. */
void lodge_setup_forget (const char *runtime);

/* The setup that another console started, if one is running; or NULL. */
LodgeSetup *lodge_setup_attach (const char *runtime, const char *lock);

/* The latest that was started in RUNTIME, when nobody followed it to its end: what it said is
 * there.
 */
LodgeSetup *lodge_setup_reread (const char *runtime);

/* A setup that ended before with LINE ("lodge: setup stopped at step …"). */
LodgeSetup *lodge_setup_recall (const char *runtime, const char *line);

/* Reads what it said since the last time; returns whether anything changed. */
gboolean lodge_setup_poll (LodgeSetup *setup);

/* Interrupts it as Ctrl-C does: a change is given up then.  It is to be followed to its end all the
 * same.  Without effect when it has ended. */
void lodge_setup_give_up (LodgeSetup *setup);

/* Path of the file with its words; owned by SETUP. */
const char *lodge_setup_log (const LodgeSetup *setup);

/* Lets go of it; a process that still runs goes on. */
void lodge_setup_free (LodgeSetup *setup);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeSetup, lodge_setup_free)
