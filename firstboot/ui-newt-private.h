/* What the files of the newt interface share.  The only file that includes newt.h.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ui-newt.c shows forms and reads keys, ui-newt-window.c makes a form's window, ui-newt-values.c
 * carries what the person does into the form, ui-newt-password.c refuses what cannot be typed,
 * ui-newt-focus.c moves the cursor, ui-newt-prose.c texts that scroll, ui-newt-keys.c knows where
 * keys come from, ui-newt-size.c looks at the terminal's size.
 */
#pragma once

#include "firstboot/terminal.h"
#include "firstboot/ui-geometry.h"

#include <newt.h>

/* newt gives keys without a name as their character. */
#define KEY_CTRL_C 3

#define LODGE_NEWT_MARGIN 1
/* The colours of a complaint; newt leaves these numbers to programs. */
#define LODGE_NEWT_COMPLAINT NEWT_COLORSET_CUSTOM (0)

/* A longer note is cut below the form, and read in a window of its own when the form is shown. */
#define LODGE_NEWT_LONGEST_NOTE 4

typedef struct
{
  LodgeUi ui;
  LodgeTerminal *terminal;
  GCancellable *cancellable;
  int cancelled;          /* readable when it is; -1: it never will be */
  gulong end_of_terminal; /* the handler of its signal */
  int no_terminal[2];     /* a pipe */
  int no_keys;            /* never readable */
  GMutex keys_mutex;
  int keys;         /* what slang reads keys from; -1: nobody may touch it */
  GString *typed;   /* while the terminal was asked, and not read by newt yet */
  gint64 asked;     /* when it was */
  gboolean answers; /* as far as is known: it did in time when it was asked last */
  gboolean suspended;
  gboolean asks_to_leave;  /* which is asked on a small terminal too */
  gboolean small_is_taken; /* the person goes on below 80x24 */
  LodgeUiTitle *title;
} LodgeNewt;

/* A form while it stands on the screen. */
typedef struct
{
  LodgeNewt *newt;
  LodgeForm *form;
  LodgeGeometry geometry;
  newtComponent window;
  newtComponent *fields;  /* one for each field; of RADIO, the last of its buttons */
  newtComponent *choices; /* all buttons of RADIOs, field by field */
  guint choice_count;
  newtComponent *buttons;
  newtComponent detail;
  newtComponent note;
  char *checkboxes; /* one character a field, where newt keeps its mark */
  guint scrolled;   /* lines of PROSE above its first that is seen */
  gboolean remake;  /* its shape has changed */
  gboolean lacks;   /* a key was refused of what is in a PASSWORD */
} LodgeNewtForm;

/* --- ui-newt-values.c --- */

/* TEXT as the terminal's character set has it; free with g_free. */
char *lodge_newt_text (const char *text);
/* The same wrapped to lines of exactly WIDTH columns, at least ROWS of them. */
char *lodge_newt_block (const char *text, guint width, guint rows);
/* ROW as it stands in the list at PLACE, in the terminal's character set; free with g_free. */
char *lodge_newt_row_text (const LodgeField *field, const LodgeUiRow *row,
                           const LodgeFieldPlace *place);

/* The values of all fields, from the screen into the form. */
void lodge_newt_take_values (LodgeNewtForm *shown);

/* The form's note, what is told of the row under the cursor of the field INDEX, and which fields
 * can be used: from the form onto the screen. */
void lodge_newt_show_note (LodgeNewtForm *shown);
void lodge_newt_show_detail (LodgeNewtForm *shown, guint index);
void lodge_newt_show_uses (LodgeNewtForm *shown);
/* The text of the row ROW of the field INDEX. */
void lodge_newt_show_row (LodgeNewtForm *shown, guint index, guint row);
/* Gives ROW of LIST the colour of one that can be used or cannot. */
void lodge_newt_shade_row (const LodgeField *field, newtComponent list, guint row);

/* newt's callbacks; DATA is the LodgeNewtForm. */
void lodge_newt_entry_left (newtComponent component, void *data);
void lodge_newt_checkbox_changed (newtComponent component, void *data);
void lodge_newt_radio_changed (newtComponent component, void *data);
void lodge_newt_list_moved (newtComponent component, void *data);

/* Which field COMPONENT is, or -1. */
int lodge_newt_field_index (const LodgeNewtForm *shown, newtComponent component);

/* --- ui-newt-password.c --- */

/* newt asks it for each key in an entry. */
int lodge_newt_entry_key (newtComponent component, void *data, int key, int cursor);

/* TRUE when a password lacks a character that this terminal cannot send: all of them are emptied
 * then, with a complaint, as nobody sees what is missing. */
gboolean lodge_newt_refuse_passwords (LodgeNewtForm *shown);
/* The same without a word, for a form that is left. */
void lodge_newt_forget_passwords (LodgeNewtForm *shown);

/* --- ui-newt-window.c --- */

/* A line of words in the window. */
void lodge_newt_add_label (LodgeNewtForm *shown, guint top, const char *label);

/* Opens the window of shown->form and closes it.  Keys that were typed before it opened are gone.
 */
void lodge_newt_open (LodgeNewtForm *shown);
/* The same for a window that was there already: keys are kept, as they were meant for it. */
void lodge_newt_open_again (LodgeNewtForm *shown);
void lodge_newt_close (LodgeNewtForm *shown);

/* --- ui-newt-prose.c --- */

newtComponent lodge_newt_make_prose (LodgeNewtForm *shown, guint index);
/* The text of the field INDEX, from the form onto the screen. */
void lodge_newt_show_prose (LodgeNewtForm *shown, guint index);
/* Whether the keys that scroll do so on this form, wherever the cursor is; and what KEY does. */
gboolean lodge_newt_scrolls (const LodgeForm *form);
void lodge_newt_scroll (LodgeNewtForm *shown, int key);
/* As FORM wants it when it is shown. */
guint lodge_newt_first_scrolled (const LodgeForm *form);

/* --- ui-newt-focus.c --- */

/* The component that has the cursor when the field INDEX has it; of a RADIO, the chosen one. */
newtComponent lodge_newt_field_component (const LodgeNewtForm *shown, guint index);
/* The field that COMPONENT is or, of a RADIO, belongs to. */
guint lodge_newt_field_of (const LodgeNewtForm *shown, newtComponent component);

/* The cursor, from the form onto the screen and back. */
void lodge_newt_set_focus (LodgeNewtForm *shown);
void lodge_newt_remember_focus (LodgeNewtForm *shown);

/* The cursor goes to the next field that is used, or to the button that goes on. */
void lodge_newt_go_on_from (LodgeNewtForm *shown, guint index);
/* And as Tab means it, or Shift-Tab. */
void lodge_newt_move_focus (LodgeNewtForm *shown, gboolean forward);

/* --- ui-newt.c --- */

/* Whether the person means it: Ctrl-C is pressed by habit, in a window of FORM, which is not on the
 * screen.  "" or "quit"; NULL on error. */
const char *lodge_newt_ask_to_leave (LodgeNewt *newt, const LodgeForm *form, GError **error);

/* --- ui-newt-keys.c --- */

/* What is needed to read keys; FALSE with ERROR set, and to be cleared in any case. */
gboolean lodge_newt_keys_init (LodgeNewt *newt, GError **error);
void lodge_newt_keys_clear (LodgeNewt *newt);
/* After slang has begun to read the terminal, and before it ends to. */
void lodge_newt_keys_take (LodgeNewt *newt);
void lodge_newt_keys_leave (LodgeNewt *newt);
/* newtFormRun() with the keys first that were typed while the terminal was asked.
 * LODGE_NEWT_END_OF_TYPED is a hot key of FORM. */
#define LODGE_NEWT_END_OF_TYPED 0x1f
void lodge_newt_run (LodgeNewt *newt, newtComponent form, struct newtExitStruct *exit);

/* --- ui-newt-size.c --- */

/* Asks a terminal of which nobody tells the size, if it was not within MILLISECONDS: another one is
 * a resize. */
void lodge_newt_ask_size (LodgeNewt *newt, guint milliseconds);

/* Where the terminal is too small this says so until it is not, and gives "" back; else what the
 * form is left by ("quit", "ended"), or NULL on error.  The form is not on the screen. */
const char *lodge_newt_wait_for_room (LodgeNewtForm *shown, GError **error);

/* From now on SIGCONT ends newtFormRun() as a resize does. */
void lodge_newt_watch_continue (void);
/* The screen is empty after it, and as large as the terminal is now. */
void lodge_newt_measure (LodgeNewt *newt);
