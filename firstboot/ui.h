/* The seam between the wizard and whoever shows it: a screen describes its form as data, the
 * interface shows it and gives back which button was pressed, with the values in the form.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two interfaces: ui-newt*.c (a person at a terminal; of them only ui-newt-private.h includes
 * newt.h) and ui-scripted.c (a test that follows a script).  Ids are stable, lower-case-dashed and
 * never translated; all other text is for people, UTF-8, and already translated.
 */
#pragma once

#include <gio/gio.h>

/* --- forms --- */

typedef enum
{
  LODGE_FIELD_TEXT,     /* one line; value: what was typed */
  LODGE_FIELD_PASSWORD, /* the same, shown as asterisks */
  LODGE_FIELD_CHECKBOX, /* value: "yes" or "no" */
  LODGE_FIELD_RADIO,    /* a few rows in one line; value: the id of the chosen one */
  LODGE_FIELD_LIST,     /* many rows; value: the id of the row under the cursor */
  LODGE_FIELD_MARKS,    /* rows that can be marked; value: their ids with ";" between them */
  LODGE_FIELD_PROSE,    /* text to read, which scrolls; value: the text */
} LodgeFieldKind;

/* One row of a field. */
typedef struct
{
  char *id;
  char *text;     /* one line, columns aligned by the screen */
  char *detail;   /* shown below the list while the cursor is on the row, or NULL */
  char *unusable; /* why it cannot be marked, or NULL */
  gboolean alone; /* marked, it leaves no other marked, and no other leaves it so */
} LodgeUiRow;

typedef struct _LodgeField LodgeField;

/* Whether FIELD takes its value; the error is one sentence for the person. */
typedef gboolean LodgeFieldCheck (const LodgeField *field, GError **error);

struct _LodgeField
{
  LodgeFieldKind kind;
  char *id;
  char *label;     /* or NULL */
  char *value;     /* never NULL */
  GPtrArray *rows; /* of LodgeUiRow; NULL for kinds without rows */
  char *cursor;    /* MARKS: id of the row under the cursor; NULL before it was shown */
  guint width;     /* columns of a TEXT or PASSWORD; 0: as wide as there is room */
  guint height;    /* rows of a LIST, MARKS or PROSE wanted at most; 0: as many as there is room */
  LodgeFieldCheck *check; /* or NULL */
  gconstpointer check_data;
  gboolean from_end;  /* PROSE: its end is seen first */
  gboolean forgotten; /* what was typed is not kept when the form is left */
  gboolean refused;   /* PASSWORD, while `changed` is called: it is empty as the terminal could not
                         send what the person typed */
  /* The field is only used while the field WHEN has one of the values in WHEN_VALUES
   * ("static;off") or, of MARKS, has at least WHEN_VALUES ("2") marks; NULL: always. */
  const char *when;
  const char *when_values;
};

typedef struct
{
  char *id;
  char *text;
} LodgeUiButton;

typedef struct _LodgeForm LodgeForm;

struct _LodgeForm
{
  char *id;
  char *title;
  char *text;          /* above the fields, or NULL; paragraphs end with "\n" */
  GPtrArray *fields;   /* of LodgeField */
  GPtrArray *buttons;  /* of LodgeUiButton, from left to right; none: the form ends by itself */
  char *focus;         /* id of the field or button that has the cursor; NULL: the first field */
  const char *forward; /* id of the button that F12 presses, and Enter in a list; or NULL */
  const char *back;    /* id of the button that Esc presses, or NULL */
  const char *stop;    /* what F12 says where it presses nothing, or NULL */
  char *note;          /* a hint or a complaint below the fields, or NULL */
  gboolean complaint;  /* the note says what is wrong */
  char *help;          /* shown on F1, or NULL */
  char *details;       /* shown on F2, or NULL */

  /* Ctrl-C is "quit" at once: who shows the form asks what is meant (and has set `leaving`), takes
   * it as Esc or does nothing. */
  gboolean quits_unasked;
  /* What the question says that Ctrl-C asks; NULL: whether what was typed is kept. */
  const char *leaving;

  /* Called every INTERVAL milliseconds while the form is shown (0: never).  May change rows, values
   * of PROSE, note, buttons and `ended`; returns whether it did. */
  gboolean (*refresh) (LodgeForm *form, gpointer data);
  guint interval;
  /* Called when the value of FIELD has changed and the cursor has left it (TEXT, PASSWORD) or at
   * once (all others).  May change what refresh may; returns whether it did. */
  gboolean (*changed) (LodgeForm *form, LodgeField *field, gpointer data);
  gpointer data;
  gboolean
      ended; /* set by refresh or changed: the form is to be left as if by the button "ended" */
};

LodgeForm *lodge_form_new (const char *id, const char *title);
void lodge_form_free (LodgeForm *form);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeForm, lodge_form_free)

/* Adds a field; the result belongs to FORM.  LABEL may be NULL; VALUE NULL is "". */
LodgeField *lodge_form_add (LodgeForm *form, LodgeFieldKind kind, const char *id, const char *label,
                            const char *value);
/* Adds a row; DETAIL and UNUSABLE may be NULL. */
LodgeUiRow *lodge_field_add_row (LodgeField *field, const char *id, const char *text,
                                 const char *detail, const char *unusable);
void lodge_form_add_button (LodgeForm *form, const char *id, const char *text);
/* A text to read, with the button "close". */
LodgeForm *lodge_form_new_text (const char *id, const char *title, const char *text);
/* The two that most screens have: "back" and "next", on Esc and F12. */
void lodge_form_add_back_and_next (LodgeForm *form);

LodgeField *lodge_form_field (const LodgeForm *form, const char *id);
/* The value of the field ID, which exists. */
const char *lodge_form_value (const LodgeForm *form, const char *id);
void lodge_field_set_value (LodgeField *field, const char *value);
LodgeUiRow *lodge_field_row (const LodgeField *field, const char *id);
/* Whether the row ID is the value or, of MARKS, one of the marked. */
gboolean lodge_field_has (const LodgeField *field, const char *id);
/* Marks the row ID of MARKS (and unmarks those that it cannot stand beside), or takes the mark
 * away. */
void lodge_field_toggle (LodgeField *field, const char *id);

/* Whether FIELD is used now (its `when`). */
gboolean lodge_form_uses (const LodgeForm *form, const LodgeField *field);

void lodge_form_set_focus (LodgeForm *form, const char *id);
/* A hint. */
void lodge_form_hint (LodgeForm *form, const char *text);
/* What is wrong; the cursor goes to the field or button ID (or NULL: stays). */
void lodge_form_complain (LodgeForm *form, const char *id, const char *text);

/* Checks one field that is used; FALSE after a complaint. */
gboolean lodge_form_check_field (LodgeForm *form, const LodgeField *field);
/* Checks all, in order, up to the first that is wrong. */
gboolean lodge_form_check (LodgeForm *form);

/* The form as plain text, at most 76 columns: for scripts and tests. */
char *lodge_form_render (const LodgeForm *form);

/* --- interfaces --- */

typedef struct _LodgeUi LodgeUi;

typedef struct
{
  /* Shows FORM until a button is pressed and returns its id (a constant or owned by FORM), "ended"
   * when the form ended itself, or "quit" when the person wants to leave the wizard (Ctrl-C).  The
   * fields hold what was typed.  NULL with ERROR set when no more can be shown: the terminal has
   * gone, the script is at its end or wrong, or G_IO_ERROR_CANCELLED. */
  const char *(*show) (LodgeUi *ui, LodgeForm *form, GError **error);
  /* Gives the terminal back as it was found, for a program to run on; and takes it again. */
  void (*suspend) (LodgeUi *ui);
  void (*resume) (LodgeUi *ui);
  void (*free) (LodgeUi *ui);
} LodgeUiClass;

struct _LodgeUi
{
  const LodgeUiClass *class;
  /* Who leaves is shown the welcome again, as no login prompt could be passed: Ctrl-C says so. */
  gboolean comes_back;
  /* Nothing that was typed is kept for who leaves, in a change: Ctrl-C says so. */
  gboolean forgets;
  /* The person left in a window of lodge_ui_tell(): the next form is "quit" before it is shown. */
  gboolean quits;
};

const char *lodge_ui_show (LodgeUi *ui, LodgeForm *form, GError **error);
void lodge_ui_suspend (LodgeUi *ui);
void lodge_ui_resume (LodgeUi *ui);
void lodge_ui_free (LodgeUi *ui);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeUi, lodge_ui_free)

/* Shows TEXT until it was read.  FALSE as lodge_ui_show()'s NULL.  Who leaves the wizard there has
 * left the form that is shown next. */
gboolean lodge_ui_tell (LodgeUi *ui, const char *id, const char *title, const char *text,
                        GError **error);
/* The same from its last lines on. */
gboolean lodge_ui_tell_end (LodgeUi *ui, const char *id, const char *title, const char *text,
                            GError **error);

/* Follows the script PATH; what was shown goes to standard output.  The script's lines:
 *   screen ID          the form that must be shown now
 *   show               prints it
 *   set FIELD VALUE    types, chooses or marks; a field or row that cannot be used is an error
 *   expect REGEX       must match the form as it is printed
 *   press BUTTON       the form is left (or shown again, with a complaint)
 * and comments that begin with "#". */
LodgeUi *lodge_ui_scripted_new (const char *path, GError **error);

/* What stands at the top of the screen; asked for each form, as the language may have changed. */
typedef char *LodgeUiTitle (void);

/* Takes the terminal on standard input.  CANCELLABLE ends a form that is shown. */
LodgeUi *lodge_ui_newt_new (LodgeUiTitle *title, GCancellable *cancellable, GError **error);
