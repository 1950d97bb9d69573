/* The window of a form, made with newt.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It is made anew whenever its shape changes (resize, a note that needs more room, rows that came
 * or went): newt has no way to move what stands in a window.  What was typed is in the form by
 * then.  slang sends only what differs, so this costs little on a slow line.
 */
#include "firstboot/i18n.h"
#include "firstboot/ui-newt-private.h"
#include "firstboot/ui-text.h"

#include <slang.h>
#include <string.h>

#define ESCAPE_KEY '\033'

void
lodge_newt_add_label (LodgeNewtForm *shown, guint top, const char *label)
{
  g_autofree char *text = lodge_newt_text (label);

  newtFormAddComponent (shown->window, newtLabel (LODGE_NEWT_MARGIN, (int)top, text));
}

/* The row that has the cursor first: the one that had it; else the one that is chosen or marked, or
 * the first that can be. */
static guint
first_row (const LodgeField *field)
{
  guint usable = field->rows->len;
  guint cursor;

  if (field->cursor != NULL
      && g_ptr_array_find (field->rows, lodge_field_row (field, field->cursor), &cursor))
    return cursor;
  for (guint i = 0; i < field->rows->len; i++)
    {
      const LodgeUiRow *row = field->rows->pdata[i];

      if (lodge_field_has (field, row->id))
        return i;
      if (usable == field->rows->len && row->unusable == NULL)
        usable = i;
    }
  return usable < field->rows->len ? usable : 0;
}

static newtComponent
make_list (LodgeNewtForm *shown, guint index)
{
  const LodgeField *field = shown->form->fields->pdata[index];
  const LodgeFieldPlace *place = &shown->geometry.fields[index];
  int flags = NEWT_FLAG_RETURNEXIT;
  newtComponent list;

  if (field->rows->len > place->height)
    flags |= NEWT_FLAG_SCROLL;
  if (field->kind == LODGE_FIELD_MARKS)
    flags |= NEWT_FLAG_MULTIPLE;
  list = newtListbox (LODGE_NEWT_MARGIN, (int)place->top, (int)place->height, flags);
  for (guint i = 0; i < field->rows->len; i++)
    {
      g_autofree char *text = lodge_newt_row_text (field, field->rows->pdata[i], place);
      newtListboxAppendEntry (list, text, GUINT_TO_POINTER (i + 1));
      lodge_newt_shade_row (field, list, i);
    }
  newtListboxSetWidth (list, (int)place->width);
  if (field->rows->len > 0)
    newtListboxSetCurrent (list, (int)first_row (field));
  newtComponentAddCallback (list, lodge_newt_list_moved, shown);
  return list;
}

static newtComponent
make_entry (LodgeNewtForm *shown, guint index)
{
  const LodgeField *field = shown->form->fields->pdata[index];
  const LodgeFieldPlace *place = &shown->geometry.fields[index];
  g_autofree char *value = lodge_newt_text (field->value);
  int flags = NEWT_FLAG_SCROLL | (field->kind == LODGE_FIELD_PASSWORD ? NEWT_FLAG_PASSWORD : 0);
  newtComponent entry;

  lodge_newt_add_label (shown, place->top, field->label);
  entry = newtEntry (LODGE_NEWT_MARGIN + (int)place->label, (int)place->top, value,
                     (int)place->width, NULL, flags);
  newtEntrySet (entry, value, 1);
  newtComponentAddCallback (entry, lodge_newt_entry_left, shown);
  newtEntrySetFilter (entry, lodge_newt_entry_key, shown);
  return entry;
}

static newtComponent
make_checkbox (LodgeNewtForm *shown, guint index)
{
  const LodgeField *field = shown->form->fields->pdata[index];
  g_autofree char *label = lodge_newt_text (field->label);
  newtComponent box = newtCheckbox (LODGE_NEWT_MARGIN, (int)shown->geometry.fields[index].top,
                                    label, g_str_equal (field->value, "yes") ? '*' : ' ', " *",
                                    &shown->checkboxes[index]);

  newtCheckboxSetFlags (box, NEWT_FLAG_RETURNEXIT, NEWT_FLAGS_SET);
  newtComponentAddCallback (box, lodge_newt_checkbox_changed, shown);
  return box;
}

static newtComponent
make_radio (LodgeNewtForm *shown, guint index)
{
  const LodgeField *field = shown->form->fields->pdata[index];
  const LodgeFieldPlace *place = &shown->geometry.fields[index];
  guint left = LODGE_NEWT_MARGIN + place->label;
  newtComponent previous = NULL;

  lodge_newt_add_label (shown, place->top, field->label);
  for (guint i = 0; i < field->rows->len; i++)
    {
      const LodgeUiRow *row = field->rows->pdata[i];
      g_autofree char *text = lodge_newt_text (row->text);

      previous = newtRadiobutton ((int)left, (int)place->top, text,
                                  lodge_field_has (field, row->id), previous);
      newtCheckboxSetFlags (previous, NEWT_FLAG_RETURNEXIT, NEWT_FLAGS_SET);
      newtComponentAddCallback (previous, lodge_newt_radio_changed, shown);
      shown->choices[shown->choice_count++] = previous;
      left += lodge_text_columns (row->text) + 6;
      if (i + 1 < field->rows->len)
        newtFormAddComponent (shown->window, previous);
    }
  return previous;
}

static void
make_fields (LodgeNewtForm *shown)
{
  newtComponent (*const makers[]) (LodgeNewtForm *, guint) = {
    [LODGE_FIELD_TEXT] = make_entry,
    [LODGE_FIELD_PASSWORD] = make_entry,
    [LODGE_FIELD_CHECKBOX] = make_checkbox,
    [LODGE_FIELD_RADIO] = make_radio,
    [LODGE_FIELD_LIST] = make_list,
    [LODGE_FIELD_MARKS] = make_list,
    [LODGE_FIELD_PROSE] = lodge_newt_make_prose,
  };

  for (guint i = 0; i < shown->form->fields->len; i++)
    {
      const LodgeField *field = shown->form->fields->pdata[i];

      shown->fields[i] = makers[field->kind](shown, i);
      newtFormAddComponent (shown->window, shown->fields[i]);
    }
}

static void
make_texts (LodgeNewtForm *shown)
{
  const LodgeGeometry *geometry = &shown->geometry;
  int inner = (int)geometry->width - 2 * LODGE_NEWT_MARGIN;

  if (geometry->text != NULL)
    {
      g_autofree char *text = lodge_newt_text (geometry->text);
      newtComponent box = newtTextbox (LODGE_NEWT_MARGIN, 0, inner, (int)geometry->text_rows, 0);

      newtTextboxSetText (box, text);
      newtFormAddComponent (shown->window, box);
    }
  if (geometry->detail_rows > 0)
    {
      shown->detail = newtTextbox (LODGE_NEWT_MARGIN, (int)geometry->detail_top, inner,
                                   (int)geometry->detail_rows, NEWT_FLAG_WRAP);
      newtFormAddComponent (shown->window, shown->detail);
    }
  if (geometry->note_rows > 0)
    {
      shown->note = newtTextbox (LODGE_NEWT_MARGIN, (int)geometry->note_top, inner,
                                 (int)geometry->note_rows, NEWT_FLAG_WRAP);
      newtFormAddComponent (shown->window, shown->note);
    }
}

static void
make_buttons (LodgeNewtForm *shown)
{
  const GPtrArray *buttons = shown->form->buttons;
  guint columns = 0;
  guint left;

  for (guint i = 0; i < buttons->len; i++)
    columns += lodge_text_columns (((const LodgeUiButton *)buttons->pdata[i])->text) + 6;
  left = columns < shown->geometry.width ? (shown->geometry.width - columns) / 2 : 0;
  for (guint i = 0; i < buttons->len; i++)
    {
      const LodgeUiButton *button = buttons->pdata[i];
      g_autofree char *text = g_strdup_printf (" %s ", button->text);
      g_autofree char *local = lodge_newt_text (text);

      shown->buttons[i] = newtCompactButton ((int)left, (int)shown->geometry.buttons_top, local);
      newtFormAddComponent (shown->window, shown->buttons[i]);
      left += lodge_text_columns (button->text) + 6;
    }
}

static gboolean
closes (const char *button)
{
  return g_str_equal (button, "close") || g_str_equal (button, "stay");
}

/* The keys that do something on this form. */
static char *
help_line (const LodgeForm *form)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean marks = FALSE;
  gboolean same = g_strcmp0 (form->back, form->forward) == 0;

  for (guint i = 0; i < form->fields->len; i++)
    marks = marks || ((const LodgeField *)form->fields->pdata[i])->kind == LODGE_FIELD_MARKS;
  if (form->buttons->len > 0)
    g_string_append (text, _ ("  Tab moves"));
  if (marks)
    g_string_append (text, _ ("  Space marks"));
  if (form->help != NULL)
    g_string_append (text, _ ("  F1 help"));
  if (form->details != NULL)
    g_string_append (text, _ ("  F2 details"));
  if (form->back != NULL && (!same || g_str_equal (form->back, "back")))
    g_string_append (text, _ ("  Esc back"));
  else if (same && form->back != NULL && closes (form->back))
    g_string_append (text, _ ("  Esc closes"));
  if (form->forward != NULL && !same)
    g_string_append (text, _ ("  F12 next"));
  /* Elsewhere it is as Esc, or does nothing. */
  if (!form->quits_unasked || form->leaving != NULL)
    g_string_append (text, _ ("  Ctrl-C leave"));
  return lodge_newt_text (text->str);
}

static gboolean
has_radio (const LodgeForm *form)
{
  for (guint i = 0; i < form->fields->len; i++)
    if (((const LodgeField *)form->fields->pdata[i])->kind == LODGE_FIELD_RADIO)
      return TRUE;
  return FALSE;
}

static void
add_keys (LodgeNewtForm *shown)
{
  static const int scroll_keys[]
      = { NEWT_KEY_UP, NEWT_KEY_DOWN, NEWT_KEY_PGUP, NEWT_KEY_PGDN, NEWT_KEY_HOME, NEWT_KEY_END };
  const LodgeForm *form = shown->form;

  if (shown->newt->cancelled != -1)
    newtFormWatchFd (shown->window, shown->newt->cancelled, NEWT_FD_READ);
  newtFormAddHotKey (shown->window, NEWT_KEY_RESIZE);
  newtFormAddHotKey (shown->window, KEY_CTRL_C);
  newtFormAddHotKey (shown->window, LODGE_NEWT_END_OF_TYPED);
  /* newt would go from one option of a radio row to the other. */
  if (has_radio (form))
    {
      newtFormAddHotKey (shown->window, NEWT_KEY_TAB);
      newtFormAddHotKey (shown->window, NEWT_KEY_UNTAB);
    }
  if (lodge_newt_scrolls (form))
    for (gsize i = 0; i < G_N_ELEMENTS (scroll_keys); i++)
      newtFormAddHotKey (shown->window, scroll_keys[i]);
  if (form->help != NULL)
    newtFormAddHotKey (shown->window, NEWT_KEY_F1);
  if (form->details != NULL)
    newtFormAddHotKey (shown->window, NEWT_KEY_F2);
  if (form->back != NULL)
    newtFormAddHotKey (shown->window, ESCAPE_KEY);
  if (form->forward != NULL || form->stop != NULL)
    newtFormAddHotKey (shown->window, NEWT_KEY_F12);
  /* A text to read: Enter closes it, wherever the cursor is. */
  if (form->buttons->len == 1 && form->back != NULL)
    newtFormAddHotKey (shown->window, NEWT_KEY_ENTER);
  if (form->interval > 0)
    newtFormSetTimer (shown->window, (int)form->interval);
}

/* As wide as the screen: the one before it may have been longer. */
static void
draw_title (const LodgeNewt *newt, int columns)
{
  g_autofree char *title = newt->title ();
  g_autofree char *line = lodge_text_pad (title, (guint)MAX (columns, 0));
  g_autofree char *local = lodge_newt_text (line);

  newtDrawRootText (0, 0, local);
}

void
lodge_newt_open (LodgeNewtForm *shown)
{
  const LodgeForm *form = shown->form;
  g_autofree char *title = lodge_newt_text (form->title);
  g_autofree char *line = help_line (form);
  int columns, rows, top;

  newtGetScreenSize (&columns, &rows);
  draw_title (shown->newt, columns);
  lodge_geometry_make (&shown->geometry, form, (guint)columns, (guint)rows);
  top = MAX ((rows - (int)shown->geometry.height - 1) / 2, 2);
  newtOpenWindow ((columns - (int)shown->geometry.width) / 2, top, shown->geometry.width,
                  shown->geometry.height, title);
  newtPushHelpLine (line);

  shown->window = newtForm (NULL, NULL, NEWT_FLAG_NOF12);
  shown->fields = g_new0 (newtComponent, form->fields->len + 1);
  shown->choices = g_new0 (newtComponent, 64);
  shown->choice_count = 0;
  shown->checkboxes = g_new0 (char, form->fields->len + 1);
  shown->buttons = g_new0 (newtComponent, form->buttons->len + 1);
  make_fields (shown);
  make_texts (shown);
  make_buttons (shown);
  add_keys (shown);
  lodge_newt_show_uses (shown);
  lodge_newt_show_note (shown);
  for (guint i = 0; i < form->fields->len; i++)
    if (((const LodgeField *)form->fields->pdata[i])->rows != NULL
        && ((const LodgeField *)form->fields->pdata[i])->kind != LODGE_FIELD_RADIO)
      lodge_newt_show_detail (shown, i);
  lodge_newt_set_focus (shown);
  shown->remake = FALSE;
}

/* newtOpenWindow() discards what was typed. */
void
lodge_newt_open_again (LodgeNewtForm *shown)
{
  int keys = SLang_TT_Read_FD;

  SLang_TT_Read_FD = shown->newt->no_keys;
  lodge_newt_open (shown);
  SLang_TT_Read_FD = keys;
}

void
lodge_newt_close (LodgeNewtForm *shown)
{
  newtFormDestroy (shown->window);
  newtPopHelpLine ();
  /* Without drawing what was below: the next form comes at once, and only the difference is sent.
   */
  newtPopWindowNoRefresh ();
  g_free (shown->fields);
  g_free (shown->choices);
  g_free (shown->checkboxes);
  g_free (shown->buttons);
  shown->detail = shown->note = NULL;
  lodge_geometry_clear (&shown->geometry);
}
