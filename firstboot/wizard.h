/* The wizard: screens in order, forward and back, until the answers are complete; then the same
 * `apply` as unattended.  It has no logic of its own about hosts: facts come from the probe, what
 * is valid from common/answers*, what will be done from the plan.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A screen is one file, screen-ID.c, and one row in wizard.c's table.
 */
#pragma once

#include "firstboot/disk-reading.h"
#include "firstboot/interrupt.h"
#include "firstboot/present.h"
#include "firstboot/setup-run.h"
#include "firstboot/ui.h"

typedef struct
{
  LodgeUi *ui;
  LodgeProbe probe;
  const char *runtime;  /* directory for the answers on their way to `apply` and for its words */
  const char *program;  /* what applies the answers: lodge-firstboot itself */
  const char *console;  /* the terminal's name, "tty1"; never NULL */
  gboolean on_console;  /* started by its unit on a console */
  gboolean keeps_state; /* RUNTIME outlives this process (wizard-state.h) */
  const LodgeInterrupt *interrupt; /* what ends it from outside */
  GCancellable *cancellable;       /* the interrupt's */
  int lock;                        /* while this console has the wizard, or -1 */

  /* `--reconfigure`: what the host is, which the screens show and may change; NULL: setup. */
  LodgePresent *present;
  GStrv steps; /* those of the plan that was confirmed; NULL: not known, or all */

  LodgeFacts *facts;          /* NULL before the first look */
  const char *facts_language; /* the language of the sentences in them; a constant */
  char *disk_names;           /* what the kernel had as disks when those in them were read */
  LodgeBackground *reading;   /* of the disks, while it goes on; or NULL */
  LodgeAnswers *answers;      /* what the screens fill */
  gboolean without_kvm;       /* the person goes on although a check failed */
  /* A weak password is the person's choice, but not by oversight: told once for each that is typed.
   */
  gboolean warned_of_password;
  gboolean password_here; /* one was typed in this process, so that the fields show it */
  GHashTable *typed;      /* "screen.field" -> what stands in the field, valid or not */
  gboolean has_failed;    /* `apply`, in this process: some of it may be done */
  gboolean applied;       /* `apply` was started, and how it ended was not shown yet */
  char *stopped;          /* the line that setup stopped with, not yet answered; or NULL */
  char *screen;           /* where it is, or was when it was left */
  char *lost;             /* which chosen disk is not there any more, when that was not shown yet */
  char *reason;           /* why setup stopped, when SCREEN is to mend it and was not shown yet */
} LodgeWizard;

typedef enum
{
  LODGE_MOVE_FAILED, /* ERROR is set */
  LODGE_MOVE_STAY,   /* the same form again */
  LODGE_MOVE_AGAIN,  /* the same screen, its form made anew */
  LODGE_MOVE_NEXT,
  LODGE_MOVE_BACK,
  LODGE_MOVE_QUIT, /* the person leaves the wizard */
} LodgeMove;

typedef struct
{
  const char *id;
  /* The steps of `apply` that the screen's answers decide, "storage;pool": where "back to the
   * answer" leads. */
  const char *steps;
  /* Whether there is nothing to ask; NULL: never. */
  gboolean (*skip) (const LodgeWizard *wizard);
  LodgeForm *(*make) (LodgeWizard *wizard);
  /* "next" was pressed and every field is right by itself: takes the values into the answers, or
   * complains in FORM and returns FALSE; the driver then puts the answers back as they were. */
  gboolean (*accept) (LodgeWizard *wizard, LodgeForm *form);
  /* Another button; NULL when the form has none. */
  LodgeMove (*press) (LodgeWizard *wizard, LodgeForm *form, const char *button, GError **error);
} LodgeScreen;

extern const LodgeScreen lodge_screen_keyboard;
extern const LodgeScreen lodge_screen_checks;
extern const LodgeScreen lodge_screen_disks;
extern const LodgeScreen lodge_screen_layout;
extern const LodgeScreen lodge_screen_ports;
extern const LodgeScreen lodge_screen_address;
extern const LodgeScreen lodge_screen_host;
extern const LodgeScreen lodge_screen_summary;

/* Screens' `skip`: what a change never asks for; VM storage that is kept, in a change or because
 * the setup that goes on has made it; what a change cannot change on this host. */
gboolean lodge_wizard_only_changes (const LodgeWizard *wizard);
gboolean lodge_wizard_keeps_storage (const LodgeWizard *wizard);
gboolean lodge_wizard_leaves_network (const LodgeWizard *wizard);

/* Makes it one that changes the host as PRESENT says it is, which it takes in any case; fails when
 * that contradicts itself. */
gboolean lodge_wizard_set_present (LodgeWizard *wizard, LodgePresent *present, GError **error);

/* Fills in a new wizard; UI, RUNTIME and the strings stay the caller's. */
void lodge_wizard_init (LodgeWizard *wizard, LodgeUi *ui, const char *root);
void lodge_wizard_clear (LodgeWizard *wizard);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LodgeWizard, lodge_wizard_clear)

/* Runs it from the screen that it was left at, through setup to the result.  TRUE when setup is
 * complete; FALSE without ERROR when the person left. */
gboolean lodge_wizard_run (LodgeWizard *wizard, GError **error);

/* Shows the running setup SETUP to its end, then the result, or the failure with its ways out
 * (screen-outcome.c).  LODGE_MOVE_NEXT: complete; _BACK: to the screen in wizard->screen; _AGAIN:
 * apply once more. */
LodgeMove lodge_wizard_follow (LodgeWizard *wizard, LodgeSetup *setup, GError **error);

/* The id of the screen that decides STEP ("storage"); the summary when none does. */
const char *lodge_wizard_screen_of_step (const char *step);

/* --- for screens --- */

/* Looks at the whole machine anew, with a form that says so meanwhile (wizard-look.c):
 * LODGE_MOVE_NEXT when it has, _QUIT or _FAILED. */
LodgeMove lodge_wizard_look (LodgeWizard *wizard, GError **error);
/* Makes the sentences of the facts anew when another language was chosen since, in the same way. */
LodgeMove lodge_wizard_tell_again (LodgeWizard *wizard, GError **error);

/* A field for the key NAME ("network.address") of answers.conf: its id is the key, it shows the
 * answers' value and is checked as the parser checks it (answer-field.c). */
LodgeField *lodge_form_add_answer (LodgeForm *form, LodgeFieldKind kind, const char *name,
                                   const char *label, const LodgeAnswers *answers);

/* Takes the values of all fields for keys of SECTION into ANSWERS (a field that is empty or not
 * used gives the default), and looks for contradictions; complains when there is one.  ANSWERS are
 * then half taken: a screen's `accept` returns FALSE, and the driver puts them back. */
gboolean lodge_form_take_answers (LodgeForm *form, const char *section, LodgeAnswers *answers);

/* Complains with the plan's own words when PROBLEM is set (and clears it); returns whether it was
 * not. */
gboolean lodge_form_accept_or_complain (LodgeForm *form, const char *id, GError **problem);

/* Gives the kernel's console the keyboard of the answers, where the wizard runs on one; without
 * effect when there is none or it cannot be (screen-keyboard.c). */
void lodge_wizard_load_keymap (LodgeWizard *wizard);

/* A deep copy; NULL with ERROR when the answers, as a screen has just made them, contradict each
 * other. */
LodgeAnswers *lodge_wizard_copy_answers (const LodgeWizard *wizard, GError **error);
